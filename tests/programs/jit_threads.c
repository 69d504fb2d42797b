/* Threads that make code beside each other, on the same pages, and execute it, rdtsc and cpuid among it:
 * rewritten in place, protected in turns, unmapped and mapped anew by another thread; with signals whose
 * handlers execute it, on the way through bytes that nothing is known about too; and with children that are
 * forked and execute programs meanwhile. */
/* build: -pthread */
/* natively: not run, bits of cpuid are hidden from recorded programs */
#include "check.h"

#include <cpuid.h>

#define PAGE 4096
#define THREADS 4
#define ROUNDS 12

typedef uint64_t (*code)(uint64_t);

static const char rdtsc[] = "\x0f\x31\x48\xc1\xe2\x20\x48\x09\xd0\xc3";
static const char cpuid[] = "\x53\x89\xf8\x31\xc9\x0f\xa2\x89\xc8\x5b\xc3";
static const char plain[] = "\x48\x8d\x47\x01\xc3"; /* rdi + 1 */
/* rdi, after a loop of five rounds */
static const char loop[] = "\xb9\x05\x00\x00\x00\x48\x89\xf8\xff\xc9\x75\xfc\xc3";
/* Neither executed nor a part of an instruction: it may be code, as far as anybody knows. */
static const char unknown[] = "\x0f\xa2\x0f\x31";

static uint8_t *beside, *turns;
static char *self;
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static volatile sig_atomic_t handled;

static void put(uint8_t *p, const char *bytes)
{
	memcpy(p, bytes, 16);
}

static void check_time(uint8_t *p, uint64_t *last)
{
	uint64_t now = ((code)p)(0);
	CHECK(now >= *last);
	*last = now;
}

static void handler(int sig)
{
	uint64_t last = 0;
	check_time(beside + PAGE - 64, &last);
	CHECK(((code)(beside + PAGE - 128))((uint64_t)sig) == (uint64_t)sig);
	handled++;
}

/* All slots are on one page, which is open when another thread writes its slot. */
static void use_slot(uint8_t *p, uint64_t *sum)
{
	uint64_t last = 0;
	put(p, rdtsc);
	check_time(p, &last);
	sched_yield();
	check_time(p, &last);
	put(p, cpuid);
	CHECK(!(((code)p)(1) & bit_RDRND));
	put(p, plain);
	sched_yield();
	CHECK(((code)p)(*sum) == *sum + 1);
	put(p, loop);
	CHECK(((code)p)(last) == last);
	*sum = *sum * 31 + last;
}

static void use_turns(uint64_t *sum)
{
	uint64_t last = 0;
	pthread_rwlock_rdlock(&lock);
	check_time(turns, &last);
	sched_yield();
	check_time(turns + PAGE - 1, &last);
	CHECK(!(((code)(turns + 64))(1) & bit_RDRND));
	pthread_rwlock_unlock(&lock);
	*sum += last;
}

static void fill_turns(void)
{
	put(turns, rdtsc);
	put(turns + 64, cpuid);
	put(turns + 1000, unknown);
	put(turns + PAGE - 1, rdtsc);
}

/* What others have executed gets another protection, is unmapped, or mapped over. */
static void change_turns(int how)
{
	pthread_rwlock_wrlock(&lock);
	if (how % 3 == 0) {
		CHECK(!mprotect(turns, 2 * PAGE, PROT_READ | PROT_WRITE));
	} else {
		if (how % 3 == 1)
			CHECK(!munmap(turns, 2 * PAGE));
		CHECK(mmap(turns, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
			   -1, 0) == turns);
	}
	fill_turns();
	CHECK(!mprotect(turns, 2 * PAGE, PROT_READ | PROT_EXEC));
	pthread_rwlock_unlock(&lock);
}

static void *worker(void *arg)
{
	uint64_t id = (uint64_t)arg, sum = id;
	for (int i = 0; i < ROUNDS; i++) {
		use_slot(beside + 64 + 64 * id, &sum);
		use_turns(&sum);
		if (id == 1)
			change_turns(i);
	}
	return (void *)sum;
}

/* A child has what its parent had, and makes other code of it. */
static void child(uint8_t *p)
{
	uint64_t last = 0;
	pid_t pid = fork();
	if (!pid) {
		check_time(p, &last);
		put(p, plain);
		CHECK(((code)p)(4) == 5);
		put(p, cpuid);
		CHECK(!(((code)p)(1) & bit_RDRND));
		execl(self, self, "again", NULL);
		_exit(9);
	}
	put(p, loop);
	CHECK(((code)p)(3) == 3);
	put(p, rdtsc);
	reap(pid, 5);
	check_time(p, &last);
}

int main(int argc, char **argv)
{
	pthread_t t[THREADS];
	uint64_t sum = 0, last = 0;
	void *got;
	struct itimerval it = {{0, 2000}, {0, 2000}};
	if (argc > 1)
		return 5;
	self = argv[0];
	signal(SIGALRM, handler);
	beside = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	turns = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(beside != MAP_FAILED && turns != MAP_FAILED);
	fill_turns();
	CHECK(!mprotect(turns, 2 * PAGE, PROT_READ | PROT_EXEC));
	put(beside + PAGE - 64, rdtsc);
	put(beside + PAGE - 128, loop);
	/* Each slot has held it all once: so nobody has to step through the page for long. */
	for (int i = 1; i <= THREADS + 1; i++)
		use_slot(beside + 64 * i, &sum);
	handler(1);
	CHECK(!setitimer(ITIMER_REAL, &it, NULL));
	for (uint64_t i = 0; i < THREADS; i++)
		CHECK(!pthread_create(&t[i], NULL, worker, (void *)i));
	for (int i = 0; i < 3; i++) {
		put(beside + 64 + 64 * THREADS, rdtsc);
		check_time(beside + 64 + 64 * THREADS, &last);
		child(beside + 64 + 64 * THREADS);
	}
	for (int i = 0; i < THREADS; i++) {
		CHECK(!pthread_join(t[i], &got));
		sum += (uint64_t)got;
	}
	SHOW("%llx %d", (unsigned long long)sum, (int)handled);
	return 0;
}
