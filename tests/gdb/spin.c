/* Computes for a second or more on any machine: a chain of multiplications that wait for one another. */
#include <stdint.h>
#include <stdio.h>

volatile uint64_t result, parts;

int main(void)
{
	uint64_t x = 1;
	for (int part = 0; part < 20; part++) {
		for (int i = 0; i < 100000000; i++)
			__asm__ volatile("imul %0, %0; add $1, %0" : "+r"(x));
		parts++;
	}
	result = x;
	printf("%d parts\n", (int)parts);
	return 0; /* main: end */
}
