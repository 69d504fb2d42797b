/* build: -I../../runtime -pthread */
/* A program maps, unmaps and changes memory where a recorder has its own, without knowing: it gets
 * what the kernel gives, or what the kernel would say if there were no room. */
#include "check.h"

#include "../../runtime/layout.h"

#define PAGE 4096ul
#define LOW 0x7a000000ul /* around all that is in the lowest 2 GB */
#define HIGH 0x7f000000ul
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

static char *map(uint64_t addr, uint64_t len, int flags)
{
	char *p = mmap((void *)addr, len, RW, ANON | flags, -1, 0);
	if (p != MAP_FAILED)
		p[0] = p[len - 1] = 7;
	return p;
}

static int fds[2];

static void *reader(void *arg)
{
	char c[100];
	CHECK(read(fds[0], c, sizeof(c)) == 3 && !memcmp(c, "abc", 3));
	return arg;
}

/* A call blocks beside other threads, and its memory is written to. */
static void block(void)
{
	pthread_t t;
	CHECK(!pthread_create(&t, NULL, reader, NULL));
	usleep(20000);
	CHECK(write(fds[1], "abc", 3) == 3);
	CHECK(!pthread_join(t, NULL));
}

/* A hint is followed or not; two mappings never overlap. */
static void hints(void)
{
	for (uint64_t at = RUNTIME_BASE - 8 * PAGE; at < RUNTIME_SCRATCH + 16 * PAGE; at += 37 * PAGE) {
		char *p = map(at, 4 * PAGE, 0);
		CHECK(p != MAP_FAILED);
		SHOW("%p", (void *)p);
		CHECK(!munmap(p, 4 * PAGE));
	}
}

static void fixed(void)
{
	/* What is free for a recorder's use can be had, again and again. */
	for (int i = 0; i < 3; i++) {
		block();
		char *p = map(RUNTIME_SCRATCH, 0x200000, MAP_FIXED);
		CHECK(p == (char *)RUNTIME_SCRATCH);
		block();
		CHECK(p[0] == 7 && p[1] == 0);
		CHECK(!munmap(p, 0x200000));
	}
	for (uint64_t at = RUNTIME_BASE - PAGE; at < RUNTIME_END; at += 0x90000) {
		char *p = map(at, 2 * PAGE, MAP_FIXED_NOREPLACE);
		CHECK(p == (char *)at || (p == MAP_FAILED && errno == EEXIST));
		p = map(at, 2 * PAGE, MAP_FIXED);
		CHECK(p == (char *)at || (p == MAP_FAILED && errno == ENOMEM));
		p = map(at - 0x100000, PAGE, 0);
		char *q = mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at + PAGE);
		CHECK(q == (char *)at + PAGE || (q == MAP_FAILED && errno == ENOMEM));
	}
}

/* Ranges around it: mappings of ours to both sides, nothing of ours between. */
static void ranges(void)
{
	char *a = map(LOW, PAGE, MAP_FIXED), *b = map(HIGH - PAGE, PAGE, MAP_FIXED);
	CHECK(a == (char *)LOW && b == (char *)HIGH - PAGE);
	CHECK(!munmap(a + PAGE, HIGH - LOW - 2 * PAGE));
	CHECK(mprotect(a, HIGH - LOW, PROT_READ) < 0 && errno == ENOMEM);
	b[1] = 1; /* it got as far as the first hole */
	CHECK(mprotect((void *)RUNTIME_DATA, PAGE, PROT_NONE) < 0 && errno == ENOMEM);
	CHECK(madvise(a, HIGH - LOW, MADV_DONTNEED) < 0 && errno == ENOMEM);
	CHECK(a[0] == 0 && b[0] == 0 && b[PAGE - 1] == 0);
	CHECK(mremap((void *)RUNTIME_STATE, PAGE, 2 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED && errno == EFAULT);
	CHECK(madvise((void *)RUNTIME_STATE, PAGE, MADV_DONTNEED) < 0 && errno == ENOMEM);
	CHECK(!munmap((void *)RUNTIME_DATA, 3 * PAGE));
	CHECK(!munmap(a, HIGH - LOW));
	CHECK(madvise(a, PAGE, MADV_DONTNEED) < 0 && errno == ENOMEM);
	CHECK(madvise(b, PAGE, MADV_DONTNEED) < 0 && errno == ENOMEM);
}

/* Nothing there is in the list of mappings. */
static void listed(void)
{
	char line[500];
	FILE *f = fopen("/proc/self/maps", "r");
	CHECK(f);
	while (fgets(line, sizeof(line), f)) {
		uint64_t start = strtoull(line, NULL, 16);
		CHECK(start < LOW || start >= HIGH);
	}
	fclose(f);
}

int main(void)
{
	CHECK(!pipe(fds));
	block();
	hints();
	ranges();
	block();
	listed();
	fixed();
	ranges();
	block();
	if (fork() == 0) {
		block();
		ranges();
		return 3;
	}
	int status;
	CHECK(wait(&status) > 0 && WEXITSTATUS(status) == 3);
	puts("ok");
	return 0;
}
