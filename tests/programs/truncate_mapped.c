/* A file that somebody maps, shared or privately, is made shorter: by open with O_TRUNC, creat, openat2, through /proc,
 * ftruncate, and truncate with a long path; in this process and in another. What is behind its end raises SIGBUS; what a
 * private mapping had stored there is gone, and the file's new content shows. */
#include <linux/openat2.h>

#include "check.h"

#define PAGE 4096
#define SIZE (4 * PAGE)

static char name[4000];
static sigjmp_buf back;
static volatile char *maps[3]; /* shared, shared to read, private */

static void on_bus(int sig)
{
	(void)sig;
	siglongjmp(back, 1);
}

/* What is at p, -1: SIGBUS */
static int at(volatile char *p)
{
	return sigsetjmp(back, 1) ? -1 : *p;
}

static void show(const char *what)
{
	char line[200];
	int n = 0;
	for (int m = 0; m < 3; m++) {
		for (int page = 0; page < 4; page++)
			n += snprintf(line + n, sizeof(line) - (size_t)n, "%d,%d ", at(maps[m] + page * PAGE + 10), at(maps[m] + page * PAGE + 3000));
	}
	SHOW("%-12s %s", what, line);
}

static void shorten(int how)
{
	struct open_how o = {.flags = O_WRONLY | O_TRUNC};
	char path[64];
	int fd = -1;
	if (how == 0)
		CHECK((fd = open(name, O_RDWR | O_TRUNC)) >= 0);
	if (how == 1)
		CHECK((fd = creat(name, 0600)) >= 0);
	if (how == 2)
		CHECK((fd = (int)syscall(SYS_openat2, AT_FDCWD, name, &o, sizeof(o))) >= 0);
	if (how == 3)
		CHECK(truncate(name, PAGE + 100) == 0);
	if (how == 4) {
		CHECK((fd = open(name, O_RDWR)) >= 0 && ftruncate(fd, 2 * PAGE + 100) == 0);
	}
	if (how == 5) {
		int first = open(name, O_RDONLY);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", first);
		CHECK((fd = open(path, O_WRONLY | O_TRUNC)) >= 0);
		close(first);
	}
	close(fd);
}

static void once(int how, bool child)
{
	char data[SIZE];
	int fd = open(name, O_RDWR | O_CREAT, 0600);
	CHECK(fd >= 0);
	memset(data, 'A' + how, SIZE);
	CHECK(pwrite(fd, data, SIZE, 0) == SIZE);
	for (int m = 0; m < 3; m++) {
		int f = m == 1 ? open(name, O_RDONLY) : fd;
		maps[m] = mmap(NULL, SIZE, m == 1 ? PROT_READ : PROT_READ | PROT_WRITE, m == 2 ? MAP_PRIVATE : MAP_SHARED, f, 0);
		CHECK(maps[m] != MAP_FAILED);
		if (m == 1)
			close(f);
	}
	maps[2][10] = maps[2][PAGE + 10] = maps[2][3 * PAGE + 10] = 'p';
	show("before");
	pid_t pid = child ? fork() : 0;
	if (!pid)
		shorten(how);
	if (child && !pid)
		_exit(0);
	if (pid)
		reap(pid, 0);
	show("shorter");
	CHECK(ftruncate(fd, SIZE - PAGE) == 0);
	show("longer");
	CHECK(pwrite(fd, "zzzzzzzzzzzzzzzz", 16, PAGE) == 16 && pwrite(fd, data, SIZE - 3 * PAGE, 3 * PAGE) == PAGE);
	maps[0][2 * PAGE + 10] = 's';
	show("written");
	for (int m = 0; m < 3; m++)
		munmap((void *)maps[m], SIZE);
	close(fd);
	unlink(name);
}

int main(void)
{
	struct sigaction sa = {.sa_handler = on_bus};
	sigaction(SIGBUS, &sa, NULL);
	strcpy(name, "/tmp/");
	for (int i = 0; i < 300; i++)
		strcat(name, i % 3 ? "./" : "././");
	sprintf(name + strlen(name), "reprise-truncate-%d", getpid());
	for (int how = 0; how < 6; how++) {
		once(how, false);
		once(how, true);
	}
	return 0;
}
