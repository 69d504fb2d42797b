/* An ioctl that no table describes: what it wrote is on record, and the other thread waits meanwhile. */
/* build: -pthread */
#include "fuse_file.h"

#define IN_OUT _IOWR(0xb9, 201, char[3000])
#define OUT _IOR(0xb9, 202, char[64])
#define LARGE 3000

static volatile long counter;
static int done;

static int answer(const struct fuse_ioctl_in *in, char *out)
{
	const char *given = (const char *)(in + 1);
	for (uint32_t i = 0; i < in->out_size; i++)
		out[i] = in->cmd == IN_OUT ? (char)(given[i] + 1) : (char)rand();
	return in->cmd == IN_OUT ? 7 : 0;
}

static void *other(void *arg)
{
	while (!__atomic_load_n(&done, __ATOMIC_ACQUIRE)) {
		counter++;
		usleep(100);
	}
	return arg;
}

int main(void)
{
	pthread_t t;
	int dev = fuse_mount(), fd;
	if (dev < 0)
		return 0;
	pid_t server = fork();
	if (!server) {
		srand((unsigned)time(NULL));
		fuse_serve(dev, 0, answer);
		_exit(0);
	}
	close(dev);
	CHECK((fd = open(fuse_path, O_RDWR)) >= 0);
	/* The middle of two pages, and shared memory. */
	char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *q = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char stack[64] = "", fixed[LARGE];
	static char zeros[64] = {1, 2, 3};
	CHECK(!pthread_create(&t, NULL, other, NULL));
	memset(fixed, 'a', sizeof(fixed));
	for (int i = 0; i < 3; i++) {
		memset(p + 2500, 'b' + i, LARGE);
		memset(q + 2500, 'c' + i, LARGE);
		CHECK(ioctl(fd, IN_OUT, p + 2500) == 7 && ioctl(fd, IN_OUT, q + 2500) == 7);
		CHECK(ioctl(fd, IN_OUT, fixed) == 7 && !ioctl(fd, OUT, stack) && !ioctl(fd, OUT, zeros));
		SHOW("%c %c %c %c", p[2500], p[5499], q[2500], fixed[LARGE - 1]);
		for (int k = 0; k < 8; k++)
			SHOW("%d %d", stack[k], zeros[k]);
	}
	CHECK(ioctl(fd, OUT, 16) == -1 && errno == EFAULT);
	__atomic_store_n(&done, 1, __ATOMIC_RELEASE);
	CHECK(!pthread_join(t, NULL));
	SHOW("%ld", counter);
	close(fd);
	fuse_umount();
	reap(server, 0);
	return 0;
}
