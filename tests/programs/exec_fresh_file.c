/* A program made a moment ago runs: each of its mappings has its own content. */
#include "check.h"

static const char text[] = "constant data of the executable";
static char data[] = "initialized data";
int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1) {
		CHECK(!strcmp(text, "constant data of the executable") && !strcmp(data, "initialized data"));
		data[0] = 'I';
		SHOW("%s %s", text, data);
		return 0;
	}
	char name[] = "/tmp/reprise-exec-XXXXXX", buf[65536];
	int in = open("/proc/self/exe", O_RDONLY), out = mkstemp(name);
	ssize_t n;
	CHECK(in >= 0 && out >= 0);
	while ((n = read(in, buf, sizeof(buf))) > 0)
		CHECK(write(out, buf, (size_t)n) == n);
	fchmod(out, 0755);
	close(out);
	pid_t pid = fork();
	if (!pid) {
		execl(name, "fresh", "again", NULL);
		_exit(1);
	}
	reap(pid, 0);
	unlink(name);
	return 0;
}
