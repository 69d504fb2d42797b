/* An ioctl that no table describes, and that another thread of the process answers: it works where no
 * pointer goes with it; else it is interrupted in the end, and fails as one that the kernel does not know. */
/* build: -pthread */
#include "fuse_file.h"

struct plain {
	int numbers[16];
};
struct pointer {
	char *to;
};
#define PLAIN _IOWR(0xb9, 203, struct plain)
#define POINTER _IOWR(0xb9, 204, struct pointer)

static int dev;

static int answer(const struct fuse_ioctl_in *in, char *out)
{
	int *numbers = (int *)out;
	memcpy(out, in + 1, in->in_size);
	if (in->cmd == PLAIN)
		numbers[3] = (int)time(NULL);
	return 5;
}

static void *server(void *arg)
{
	fuse_serve(dev, 0, answer);
	return arg;
}

int main(void)
{
	pthread_t t;
	char byte = 'x';
	struct plain a = {{1, 2, 3, 4, 5}};
	struct pointer b = {&byte};
	if ((dev = fuse_mount()) < 0)
		return 0;
	pid_t child = fork();
	if (!child) {
		fuse_serve(dev, FUSE_OPEN, answer);
		_exit(0);
	}
	int fd = open(fuse_path, O_RDWR);
	CHECK(fd >= 0);
	reap(child, 0);
	CHECK(!pthread_create(&t, NULL, server, NULL));
	CHECK(ioctl(fd, PLAIN, &a) == 5 && a.numbers[3] > 1000000000 && a.numbers[4] == 5);
	SHOW("%d", a.numbers[3]);
	int r = ioctl(fd, POINTER, &b);
	CHECK(r == 5 || errno == ENOTTY);
	CHECK(b.to == &byte);
	fuse_umount();
	_exit(0);
}
