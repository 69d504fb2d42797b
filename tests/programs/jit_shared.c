/* Code in shared memory that is mapped twice, to be written here and executed there, as compilers make it
 * which have no memory that can be written and executed: rdtsc, rdtscp and cpuid in it, rewritten again and
 * again, by stores, by code on the same page, by calls, through the file; while views come and go; and by two
 * threads. */
/* build: -pthread */
/* natively: not run, bits of cpuid are hidden from recorded programs */
#include "check.h"

#include <cpuid.h>

#define PAGE 4096
#define SIZE (4 * PAGE)
#define ROUNDS 30

typedef uint64_t (*code)(uint64_t, uint64_t);

static const char rdtsc[] = "\x0f\x31\x48\xc1\xe2\x20\x48\x09\xd0\xc3";
static const char rdtscp[] = "\x0f\x01\xf9\x48\xc1\xe2\x20\x48\x09\xd0\xc3";
/* ecx of leaf rdi */
static const char cpuid[] = "\x53\x89\xf8\x31\xc9\x0f\xa2\x89\xc8\x5b\xc3";
static const char number[] = "\x48\xb8\x0f\x31\x0f\xa2\x0f\x01\xf9\x00\xc3"; /* one that looks like them */
static const char store[] = "\x40\x88\x37\xc3"; /* the low byte of rsi to (rdi) */
static const char seven[] = "\xb8\x07\x00\x00\x00\xc3";

struct both {
	uint8_t *w, *x; /* the same memory */
	int fd;
};

static struct both map(void)
{
	struct both b = {.fd = memfd_create("code", 0)};
	CHECK(b.fd >= 0 && !ftruncate(b.fd, SIZE));
	b.w = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, b.fd, 0);
	b.x = mmap(NULL, SIZE, PROT_READ | PROT_EXEC, MAP_SHARED, b.fd, 0);
	CHECK(b.w != MAP_FAILED && b.x != MAP_FAILED);
	return b;
}

static void unmap(struct both *b)
{
	CHECK(!munmap(b->w, SIZE) && !munmap(b->x, SIZE) && !close(b->fd));
}

static void put(uint8_t *w, const char *bytes)
{
	memcpy(w, bytes, 12);
}

static uint64_t run(const uint8_t *x)
{
	return ((code)x)(1, 0);
}

static uint64_t time_of(const uint8_t *x)
{
	uint64_t sum = 0, last = 0;
	for (int i = 0; i < 3; i++) {
		uint64_t now = run(x);
		CHECK(now >= last);
		sum = sum * 31 + (last = now);
	}
	return sum;
}

static void check_time(const uint8_t *x)
{
	SHOW("%llu", (unsigned long long)time_of(x));
}

static void rewritten(uint8_t *w, uint8_t *x)
{
	for (int i = 0; i < 5; i++) {
		put(w, rdtsc);
		check_time(x);
		put(w, cpuid);
		CHECK(!(run(x) & bit_RDRND));
		put(w, number);
		CHECK(run(x) == 0x00f9010fa20f310full);
		CHECK(!memcmp(x, number, 11));
		put(w, rdtscp);
		check_time(x);
	}
}

/* It stands beside the code that writes it. */
static void by_itself(struct both *b)
{
	put(b->w, store);
	put(b->w + 64, seven);
	put(b->w + 128, rdtsc);
	for (unsigned i = 0; i < 20; i++) {
		((code)b->x)((uint64_t)(b->w + 65), i);
		CHECK((uint32_t)run(b->x + 64) == i);
		const char *first = i & 1 ? "\xeb\x07" : "\x0f\x31"; /* a jump to its end */
		for (unsigned j = 0; j < 2; j++)
			((code)b->x)((uint64_t)(b->w + 128 + j), (uint8_t)first[j]);
		if (i & 1)
			run(b->x + 128);
		else
			check_time(b->x + 128);
	}
}

/* The kernel writes it. */
static void by_calls(struct both *b)
{
	int fds[2];
	CHECK(!pipe(fds));
	for (int i = 0; i < 3; i++) {
		put(b->w, seven);
		CHECK((uint32_t)run(b->x) == 7);
		CHECK(pwrite(b->fd, rdtsc, 10, 0) == 10);
		check_time(b->x);
		CHECK(write(fds[1], number, 11) == 11 && read(fds[0], b->w, 11) == 11);
		CHECK(run(b->x) == 0x00f9010fa20f310full);
		CHECK(write(fds[1], rdtscp, 11) == 11 && read(fds[0], b->w, 11) == 11);
		check_time(b->x);
	}
	close(fds[0]);
	close(fds[1]);
}

static void views(struct both *b)
{
	put(b->w, seven);
	CHECK((uint32_t)run(b->x) == 7);
	uint8_t *second = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, b->fd, 0);
	put(second, rdtsc);
	check_time(b->x);
	CHECK(!mprotect(second, PAGE, PROT_READ) && !mprotect(second, PAGE, PROT_READ | PROT_WRITE));
	put(second, cpuid);
	CHECK(!(run(b->x) & bit_RDRND));
	uint8_t *x = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, b->fd, 0);
	put(second, rdtscp);
	check_time(b->x);
	check_time(x);
	put(b->w, seven);
	CHECK((uint32_t)run(b->x) == 7 && (uint32_t)run(x) == 7);
	CHECK(!munmap(x, PAGE));
	put(second, rdtsc);
	check_time(b->x);
	CHECK(!munmap(b->x, SIZE));
	put(second, rdtscp);
	put(b->w, rdtsc);
	b->x = mmap(b->x, SIZE, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, b->fd, 0);
	check_time(b->x);
	CHECK(!munmap(second, PAGE));
}

/* Memory of one view that can be both, and of one whose protection changes. */
static void one_view(void)
{
	uint8_t *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED);
	rewritten(p, p);
	for (int i = 0; i < 3; i++) {
		CHECK(!mprotect(p, SIZE, PROT_READ | PROT_WRITE));
		put(p, i & 1 ? rdtsc : rdtscp);
		CHECK(!mprotect(p, SIZE, PROT_READ | PROT_EXEC));
		check_time(p);
	}
	CHECK(!munmap(p, SIZE));
}

static struct both shared;

static void *thread(void *arg)
{
	size_t off = 512 * (size_t)arg;
	uint64_t sum = 0;
	for (int i = 0; i < ROUNDS; i++) {
		put(shared.w + off, rdtsc);
		sum += time_of(shared.x + off);
		put(shared.w + off, i % 3 ? seven : number);
		CHECK(i % 3 ? (uint32_t)run(shared.x + off) == 7
			    : run(shared.x + off) == 0x00f9010fa20f310full);
		sched_yield();
	}
	return (void *)sum;
}

int main(void)
{
	struct both b = map();
	rewritten(b.w, b.x);
	by_itself(&b);
	by_calls(&b);
	views(&b);
	unmap(&b);
	one_view();
	pthread_t ids[2];
	void *sum;
	shared = map();
	for (size_t i = 0; i < 2; i++)
		CHECK(!pthread_create(&ids[i], NULL, thread, (void *)i));
	for (int i = 0; i < 2; i++) {
		CHECK(!pthread_join(ids[i], &sum));
		SHOW("%lu", (unsigned long)sum);
	}
	return 0;
}
