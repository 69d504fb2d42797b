/* build: -pthread -O1 */
/* Calls through the vsyscall page, as old static programs make them, while threads run and signals come. */
#include "check.h"

#include <sys/time.h>

static long (*const vgettimeofday)(struct timeval *, struct timezone *) = (void *)0xffffffffff600000ul;
static long (*const vtime)(time_t *) = (void *)0xffffffffff600400ul;
static long (*const vgetcpu)(unsigned *, unsigned *, void *) = (void *)0xffffffffff600800ul;
static volatile int hits;

static void on(int sig)
{
	struct timeval tv;
	hits += sig > 0 && !vgettimeofday(&tv, NULL);
}

static bool page_is_there(void)
{
	char line[256];
	bool there = false;
	FILE *f = fopen("/proc/self/maps", "r");
	while (f && fgets(line, sizeof(line), f))
		there |= strstr(line, "[vsyscall]") != NULL;
	if (f)
		fclose(f);
	return there;
}

static void *body(void *p)
{
	unsigned long h = (unsigned long)p;
	struct timeval tv = {0}, last = {0};
	for (int i = 0; i < 300; i++) {
		struct timezone tz = {7, 7};
		unsigned cpu = 77, node = 77;
		time_t t = 0, r;
		CHECK(!vgettimeofday(&tv, &tz) && tz.tz_minuteswest != 7);
		CHECK(timercmp(&tv, &last, >=));
		r = vtime(&t);
		CHECK(r == t && r + 1 >= tv.tv_sec && vtime(NULL) >= r); /* it is the last tick's */
		CHECK(!vgetcpu(&cpu, &node, NULL) && cpu != 77 && node != 77);
		CHECK(!vgetcpu(NULL, NULL, NULL) && !vgettimeofday(NULL, NULL));
		h = h * 31 + (unsigned long)tv.tv_usec + cpu;
		last = tv;
	}
	SHOW("%lx", h);
	return p;
}

int main(void)
{
	struct itimerval it = {{0, 2000}, {0, 2000}};
	pthread_t t[3];
	if (!page_is_there()) {
		SHOW("skipped: this kernel has no vsyscall page%s", "");
		return 0;
	}
	signal(SIGALRM, on);
	setitimer(ITIMER_REAL, &it, NULL);
	for (long i = 0; i < 3; i++)
		CHECK(!pthread_create(&t[i], NULL, body, (void *)i));
	for (int i = 0; i < 3; i++)
		CHECK(!pthread_join(t[i], NULL));
	SHOW("%d signals", hits);
	return 0;
}
