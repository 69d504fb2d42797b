/* Functions that call one another, a loop, recursion; the calls write some numbers. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int total;
int table[8];

__attribute__((noinline)) static int leaf(int n)
{
	int twice = 2 * n; /* leaf: first */
	total += twice;
	return twice + 1;
}

__attribute__((noinline)) static int middle(int n)
{
	int a = leaf(n); /* middle: first */
	int b = leaf(a);
	return a + b; /* middle: last */
}

__attribute__((noinline)) static int factorial(int n)
{
	if (n < 2)
		return 1; /* factorial: bottom */
	int rest = factorial(n - 1);
	return n * rest;
}

int main(void)
{
	int sum = 0; /* main: first */
	for (int i = 0; i < 8; i++) {
		table[i] = i * i; /* main: loop */
		sum += table[i];
	}
	sum += middle(3); /* main: middle */
	printf("sum %d\n", sum); /* main: print */
	int f = factorial(6); /* main: factorial */
	printf("factorial %d\n", f);
	if (getenv("NEVER"))
		sum = 0;
	write(1, "done\n", 5); /* main: write */
	return sum & 1; /* main: last */
}
