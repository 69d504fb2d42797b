/* inotify events. */
#include "check.h"

int main(void)
{
	char d[64], p[100], b[4096] __attribute__((aligned(8)));
	snprintf(d, sizeof(d), "/tmp/reprise-i-%d", getpid());
	CHECK(!mkdir(d, 0700));
	int fd = inotify_init1(IN_CLOEXEC), w = inotify_add_watch(fd, d, IN_CREATE | IN_DELETE);
	CHECK(w >= 0);
	snprintf(p, sizeof(p), "%s/file", d);
	close(open(p, O_CREAT | O_WRONLY, 0600));
	unlink(p);
	ssize_t n = read(fd, b, sizeof(b));
	CHECK(n > 0 && ((struct inotify_event *)b)->mask == IN_CREATE && !strcmp(((struct inotify_event *)b)->name, "file"));
	CHECK(!inotify_rm_watch(fd, w) && !rmdir(d));
	return 0;
}
