/* /proc files are read as they were. */
#include "check.h"

int main(void)
{
	char b[4096];
	const char *names[] = {"/proc/self/stat", "/proc/self/status", "/proc/meminfo", "/proc/uptime", "/proc/self/cmdline", "/proc/loadavg"};
	for (int i = 0; i < 6; i++) {
		int fd = open(names[i], O_RDONLY);
		ssize_t n = read(fd, b, sizeof(b));
		CHECK(n > 0);
		for (ssize_t k = 0; k < n; k++)
			b[k] = b[k] == '\n' ? '|' : b[k];
		SHOW("%.*s", (int)n, b);
		close(fd);
	}
	return 0;
}
