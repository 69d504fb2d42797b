/* build: -pthread */
/* Threads of one process talk through a pipe; buffers are shared memory. */
#include "check.h"

static int fd[2];
static char buf[16] = "unwritten";
static void *reader(void *p)
{
	CHECK(read(fd[0], buf, 5) == 5);
	return p;
}
int main(void)
{
	pthread_t t;
	CHECK(!pipe(fd));
	pthread_create(&t, NULL, reader, NULL);
	pause_ms(5);
	CHECK(!strcmp(buf, "unwritten"));
	CHECK(write(fd[1], "hello", 5) == 5);
	pthread_join(t, NULL);
	CHECK(!memcmp(buf, "hello", 5));
	return 0;
}
