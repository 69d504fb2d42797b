/* build: -pthread */
/* Reads of many megabytes in one call, alone and with a second thread. */
#include "check.h"

static void *block(void *p)
{
	pause();
	return p;
}
static void big(int fd)
{
	size_t n = 12 << 20;
	unsigned char *p = malloc(n);
	size_t got = 0;
	while (got < n) {
		ssize_t r = read(fd, p + got, n - got);
		CHECK(r > 0);
		got += (size_t)r;
	}
	unsigned sum = 0;
	for (size_t i = 0; i < n; i++)
		sum = sum * 31 + p[i];
	SHOW("%u", sum);
	free(p);
}
int main(void)
{
	pthread_t t;
	int fd = open("/dev/urandom", O_RDONLY);
	big(fd);
	CHECK(!pthread_create(&t, NULL, block, NULL));
	big(fd);
	return 0;
}
