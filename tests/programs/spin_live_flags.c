/* build: -pthread -O2 */
/* Loops that carry ZF or CF from one pass to the next (multi-precision arithmetic by hand): being interrupted
 * changes neither, whether another thread runs then or not. */
#include "check.h"

#define N 64
static _Atomic int done;

/* Adds b to a; the carry goes round in CF, inc leaves it alone. */
__attribute__((noinline)) static long add(unsigned long *a, const unsigned long *b, long n)
{
	long carry;
	a += n;
	b += n;
	n = -n;
	__asm__ volatile("xor %%eax, %%eax\n"
			 "1: mov (%2,%1,8), %%rax\n"
			 "adc %%rax, (%3,%1,8)\n"
			 "inc %1\n"
			 "jne 1b\n"
			 "sbb %0, %0\n"
			 : "=r"(carry), "+r"(n)
			 : "r"(b), "r"(a)
			 : "rax", "memory", "cc");
	return carry;
}

/* Goes round n times by CF (bt leaves ZF alone) and counts the passes that find ZF set: all. */
__attribute__((noinline)) static long zeros(long n)
{
	long count = 0;
	__asm__ volatile("cmp %1, %1\n"
			 "1: jne 2f\n"
			 "lea 1(%0), %0\n"
			 "2: lea -1(%1), %1\n"
			 "cmp %1, %1\n"
			 "bt $63, %1\n"
			 "jnc 1b\n"
			 : "+r"(count), "+r"(n)
			 :
			 : "cc");
	return count;
}

static void *body(void *p)
{
	static const unsigned long all = ~0ul;
	unsigned long a[N], b[N], h = (unsigned long)p, bad = 0;
	for (int i = 0; i < 60000; i++) {
		for (int k = 0; k < N; k++) {
			a[k] = all;
			b[k] = k ? 0 : 1;
		}
		/* all ones plus one: the carry runs through every word */
		bad += add(a, b, N) != -1;
		for (int k = 0; k < N; k++)
			bad += a[k] != 0;
		bad += zeros(199) != 200;
		h = h * 31 + a[i % N];
	}
	done++;
	return (void *)bad;
}

int main(void)
{
	pthread_t t[2];
	unsigned long bad = 0;
	for (long i = 0; i < 2; i++)
		CHECK(!pthread_create(&t[i], NULL, body, (void *)i));
	for (int i = 0; i < 2; i++) {
		void *p;
		pthread_join(t[i], &p);
		bad += (unsigned long)p;
	}
	SHOW("%d done, %lu wrong", done, bad);
	return bad != 0;
}
