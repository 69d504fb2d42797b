/* build: -pthread */
/* vmsplice waits for a thread of the same process that empties the pipe, or fills it; pages that it leaves in
 * the pipe stay the program's. */
#include "check.h"

static int p[2], q[2];
static char data[1 << 20], got[64];

static void *reader(void *arg)
{
	static char buf[4096];
	size_t n = 0;
	ssize_t r;
	while (n < sizeof(data) && (r = read(p[0], buf, sizeof(buf))) > 0) {
		CHECK(buf[0] == 'x' && buf[r - 1] == 'x');
		n += (size_t)r;
	}
	return arg;
}

static void *writer(void *arg)
{
	pause_ms(20);
	CHECK(write(q[1], "late words", 11) == 11);
	return arg;
}

int main(void)
{
	pthread_t t;
	size_t done = 0;
	CHECK(!pipe(p) && !pipe(q));
	memset(data, 'x', sizeof(data));
	CHECK(!pthread_create(&t, NULL, reader, NULL));
	while (done < sizeof(data)) {
		struct iovec v = {data + done, sizeof(data) - done};
		ssize_t r = vmsplice(p[1], &v, 1, 0);
		CHECK(r > 0);
		done += (size_t)r;
	}
	CHECK(!pthread_join(t, NULL));
	struct iovec v[2] = {{got, 5}, {got + 32, 32}};
	CHECK(!pthread_create(&t, NULL, writer, NULL));
	CHECK(vmsplice(q[0], v, 2, 0) == 11 && !memcmp(got, "late ", 5) && !strcmp(got + 32, "words"));
	CHECK(!pthread_join(t, NULL));
	/* The pipe holds the page, not what was in it. */
	memcpy(data, "first", 6);
	struct iovec one = {data, 6};
	CHECK(vmsplice(p[1], &one, 1, 0) == 6);
	memcpy(data, "later", 6);
	CHECK(read(p[0], got, 6) == 6);
	SHOW("%s", got);
	return 0;
}
