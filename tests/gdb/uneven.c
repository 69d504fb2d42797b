/* Most events come at the beginning, most of the time passes in a sleep and in a loop without calls. */
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static volatile long sum;

__attribute__((noinline)) static void add(long i)
{
	sum += i;
}

int main(void)
{
	for (int i = 0; i < 10000; i++)
		syscall(SYS_personality, 0xffffffff);
	struct timespec t = {0, 400000000};
	nanosleep(&t, NULL);
	for (long i = 0; i < 200000000; i++)
		add(i);
	return 0;
}
