# What xsave stores does not depend on which components the CPU calls initial.
cat > x.c <<'P'
#include <cpuid.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
static uint8_t area[8192] __attribute__((aligned(64)));
#define BV(p) (*(uint64_t *)((p) + 512))
/* Eight bytes of xmm5 are 42; everything else is as after a reset. */
#define CASE(name, op, where, ...) do { \
	memset(area, 0xee, sizeof(area)); memset(area + 512, 0, 64); \
	__asm__ volatile("movq %%rbx, %%xmm5; " op "; pxor %%xmm5, %%xmm5; xrstor64 %0; movq %%xmm5, %%rbx" \
		: "+m"(*(uint8_t(*)[8192])area), "=b"(got) : "a"(mask), "d"(0), "b"(42L), ##__VA_ARGS__ : "xmm5", "r9", "r12", "memory"); \
	printf("%s: %s, %lu, %s\n", name, (BV(area) & mask) == mask ? "all in use" : "some not in use", (unsigned long)got, \
	       !(mask & 1) || !memcmp(area, fresh, 24) ? "ok" : "x87 differs"); } while (0)
int main(void)
{
	static const uint8_t fresh[24] = {0x7f, 3};
	unsigned a, b, c, d;
	uint32_t lo, hi, mask;
	uint64_t got;
	if (!__get_cpuid_count(13, 1, &a, &b, &c, &d) || !(a & 1) || !(a & 2)) {
		puts("no xsavec");
		return 0;
	}
	__asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
	__asm__ volatile("vzeroall; fninit" ::: "memory");
	for (mask = lo; mask; mask = mask == lo ? lo & 6 : 0) {
		CASE("xsavec rip", "xsavec64 area(%%rip)", 0);
		CASE("xsavec register", "xsavec64 (%%rdi)", 0, "D"(area));
		CASE("xsavec r12", "mov %%rdi, %%r12; xsavec64 (%%r12)", 0, "D"(area));
		CASE("xsavec index", "mov $8, %%r9d; xsavec64 -64(%%rcx,%%r9,8)", 0, "c"(area));
		CASE("xsave", "xsave64 (%%rdi)", 0, "D"(area));
		CASE("xsaveopt", "xsaveopt64 64(%%rsi)", 0, "S"(area - 64));
	}
	/* What is not in use is stored as zeros. */
	memset(area, 0xee, sizeof(area));
	mask = 6;
	__asm__ volatile("vzeroall; xsavec64 area(%%rip)" ::"a"(mask), "d"(0) : "memory");
	for (int i = 160; i < 416; i++)
		if (area[i])
			return printf("byte %d is %02x\n", i, area[i]), 1;
	for (int i = 576; i < 576 + 256; i++)
		if (area[i])
			return printf("byte %d is %02x\n", i, area[i]), 1;
	printf("mxcsr %x, behind it %02x\n", *(uint32_t *)(area + 24), area[576 + 256]);
	return 0;
}
P
cc -O1 -o x x.c
./x > native || true # fails where not all is stored
$REPRISE rewrite --check --json x | grep -q '"xsaves": *7, *"xsaves_patched": *7'
$REPRISE record --verify=1 -o t ./x > out
cat out
grep -q 'no xsavec' native && exit 0
! grep -E 'some|differs|byte' out
test "$(grep -c 'all in use, 42, ok' out)" = 12
grep -q 'mxcsr 1f80, behind it ee' out
$REPRISE replay -a --verify t > again
