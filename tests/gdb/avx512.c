/* Fills a register of each part that AVX-512 adds, where the CPU has it. */
#include <stdint.h>
#include <stdio.h>

static uint64_t in[8] = {1, 2, 3, 4, 5, 6, 7, 8}, out[8];

int main(void)
{
	if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw"))
		return puts("no AVX-512") < 0;
	__asm__ volatile("kmovq %0, %%k3" : : "r"(0x123456789abcdefull) : "memory");
	__asm__ volatile("vmovdqu64 %0, %%zmm17\n\tvmovdqu64 %0, %%zmm2" : : "m"(in) : "memory");
	__asm__ volatile("vmovdqu64 %%zmm17, %0" : "=m"(out) : : "memory"); /* main: store */
	printf("%d\n", (int)out[7]);
	return 0;
}
