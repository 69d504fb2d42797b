/* Writes to all of its 8 MB again and again, for about half a second. */
#include <stdio.h>
#include <stdlib.h>

volatile unsigned spins;

int main(void)
{
	size_t size = 8 << 20;
	char *p = malloc(size);
	for (int round = 0; round < 20; round++) {
		for (size_t i = 0; i < size; i += 4096)
			p[i] += (char)round;
		for (int i = 0; i < 2000000; i++)
			spins++;
	}
	printf("%d %u\n", p[4096], spins);
	return 0; /* main: last */
}
