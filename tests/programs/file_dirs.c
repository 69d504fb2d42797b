/* mkdir, getdents, rmdir, getcwd, chdir, symlinks. */
#include "check.h"

int main(void)
{
	char d[64], p[128], buf[4096];
	snprintf(d, sizeof(d), "/tmp/reprise-d-%d", getpid());
	CHECK(!mkdir(d, 0755) && !chdir(d) && getcwd(buf, sizeof(buf)) && !strcmp(buf, d));
	for (int i = 0; i < 20; i++) {
		snprintf(p, sizeof(p), "f%d", i);
		close(open(p, O_CREAT | O_WRONLY, 0600));
	}
	CHECK(!symlink("f3", "link") && readlink("link", buf, sizeof(buf)) == 2);
	DIR *dir = opendir(".");
	int n = 0;
	struct dirent *e;
	while ((e = readdir(dir)))
		n += e->d_name[0] != '.';
	CHECK(n == 21);
	closedir(dir);
	CHECK(!unlink("link"));
	for (int i = 0; i < 20; i++) {
		snprintf(p, sizeof(p), "f%d", i);
		CHECK(!unlinkat(AT_FDCWD, p, 0));
	}
	CHECK(!chdir("/") && !rmdir(d));
	return 0;
}
