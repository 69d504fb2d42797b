/* build: -pthread */
/* Programs map, with MAP_FIXED, where a recorder has put stubs for their text, and for their libraries' text: 0x333333xx
 * below it (or 0x606060xx above). They get that memory. Meanwhile one thread waits in a call, one computes and
 * makes calls, and the program has changed its own text. */
#include "check.h"

#define RW (PROT_READ | PROT_WRITE)

static int fds[2];
static volatile int stop, handled;
static volatile unsigned long turns;

static void *reader(void *arg)
{
	char c[8];
	CHECK(read(fds[0], c, sizeof(c)) == 3 && !memcmp(c, "abc", 3));
	return arg;
}

static void *busy(void *arg)
{
	while (!stop) {
		for (int i = 0; i < 1000; i++)
			turns += (unsigned long)i;
		CHECK(getppid() > 0);
		if (turns % 64 == 0)
			sched_yield();
	}
	return arg;
}

static void *poller(void *arg)
{
	struct pollfd p = {.fd = fds[0]};
	CHECK(poll(&p, 0, 20000) < 0 && errno == EINTR);
	return arg;
}

static void handler(int sig)
{
	(void)sig;
	handled++;
}

__attribute__((noinline, aligned(16))) static int answer(void)
{
	asm volatile("" ::: "memory");
	return 0x11223344;
}

/* The program's text is the program's to change. */
static void patch(void)
{
	unsigned char *p = (unsigned char *)answer;
	char *page = (char *)((unsigned long)p & ~4095ul);
	CHECK(!mprotect(page, 8192, PROT_READ | PROT_WRITE | PROT_EXEC));
	for (int i = 0; i < 32; i++) {
		if (!memcmp(p + i, "\x44\x33\x22\x11", 4)) {
			p[i] = 0x55;
			break;
		}
	}
	CHECK(!mprotect(page, 8192, PROT_READ | PROT_EXEC));
	CHECK(answer() == 0x11223355);
}

struct text {
	unsigned long start, end;
	char line[300];
} texts[20];
static int ntexts;

static void find(void)
{
	FILE *f = fopen("/proc/self/maps", "r");
	CHECK(f);
	for (ntexts = 0; ntexts < 20 && fgets(texts[ntexts].line, 300, f);) {
		struct text *t = &texts[ntexts];
		char perm[8];
		if (sscanf(t->line, "%lx-%lx %7s", &t->start, &t->end, perm) == 3 && perm[2] == 'x' && strchr(t->line, '/'))
			ntexts++;
	}
	fclose(f);
}

static void over(const struct text *t, int flags)
{
	unsigned long lo = (t->start - 0x33400000) & ~4095ul, hi = t->end - 0x33333000 + 0x1000000;
	if (t->start < 0x10000000)
		lo = t->start + 0x60606000, hi = t->end + 0x60607000 + 0x100000;
	char *p = mmap((void *)lo, hi - lo, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
	CHECK(p == (char *)lo);
	for (unsigned long i = 0; i < hi - lo; i += 0x80000) {
		CHECK(p[i] == 0);
		p[i] = 1;
	}
	CHECK(!munmap(p, hi - lo));
}

int main(void)
{
	pthread_t a, b, c;
	CHECK(!pipe(fds));
	patch();
	signal(SIGUSR1, handler);
	CHECK(!pthread_create(&a, NULL, reader, NULL) && !pthread_create(&b, NULL, busy, NULL) &&
	      !pthread_create(&c, NULL, poller, NULL));
	while (turns < 100000000)
		sched_yield();
	usleep(30000);
	find();
	struct text before[20];
	memcpy(before, texts, sizeof(before));
	int n = ntexts;
	for (int i = 0; i < n; i++)
		over(&texts[i], i % 2 ? MAP_FIXED : MAP_FIXED_NOREPLACE);
	find();
	CHECK(ntexts == n && !memcmp(before, texts, sizeof(before)));
	CHECK(answer() == 0x11223355);
	pthread_kill(c, SIGUSR1);
	pthread_join(c, NULL);
	CHECK(handled == 1);
	usleep(1000);
	stop = 1;
	pthread_join(b, NULL);
	CHECK(write(fds[1], "abc", 3) == 3);
	pthread_join(a, NULL);
	int status;
	if (fork() == 0)
		return answer() == 0x11223355 ? 3 : 4;
	CHECK(wait(&status) > 0 && WEXITSTATUS(status) == 3);
	puts("ok");
	return 0;
}
