/* build: -pthread */
/* A spin lock, a ticket lock and a seqlock; what the threads see is shown. */
#include "check.h"

static int lock, next, serving;
static volatile unsigned seq, a, b;
static long counter, torn, reads;

static void spin_lock(void)
{
	while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE))
		while (__atomic_load_n(&lock, __ATOMIC_RELAXED))
			;
}

static void *locked(void *p)
{
	for (int i = 0; i < 200000; i++) {
		spin_lock();
		counter++;
		__atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
		if (i % 20000)
			continue;
		int mine = __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED);
		while (__atomic_load_n(&serving, __ATOMIC_ACQUIRE) != mine)
			__builtin_ia32_pause();
		counter += 1000;
		__atomic_store_n(&serving, mine + 1, __ATOMIC_RELEASE);
	}
	return p;
}

static void *writer(void *p)
{
	for (unsigned i = 1; i <= 2000000; i++) {
		seq++;
		a = i;
		b = i;
		seq++;
	}
	a = 0;
	return p;
}

static void *reader(void *p)
{
	for (;;) {
		unsigned s = seq, x = a, y = b;
		if (!(s & 1) && seq == s) {
			reads++;
			torn += x != y && x;
			if (!x)
				return p;
		}
	}
}

int main(void)
{
	pthread_t t[4];
	for (int i = 0; i < 4; i++)
		CHECK(!pthread_create(&t[i], NULL, locked, NULL));
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	SHOW("counted %ld", counter);
	a = b = 1;
	CHECK(!pthread_create(&t[0], NULL, reader, NULL) && !pthread_create(&t[1], NULL, writer, NULL));
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	SHOW("%ld reads, %ld torn", reads, torn);
	return 0;
}
