/* A stack grows below its lowest page, which holds `mark`: by an instruction, then by a system call. With an argument it grows at
 * once as far as it may. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define LIMIT (1 << 20)

static char *volatile mark;
static char *end; /* of the stack */

static void find_stack(void)
{
	char line[512];
	FILE *f = fopen("/proc/self/maps", "r");
	while (f && fgets(line, sizeof(line), f)) {
		uintptr_t from, to;
		if (strstr(line, "[stack]") && sscanf(line, "%lx-%lx", &from, &to) == 2) {
			mark = (char *)from;
			end = (char *)to;
		}
	}
	if (f)
		fclose(f);
}

static void write_to(char *volatile below)
{
	*below = 7;
}

int main(int argc, char **argv)
{
	(void)argv;
	find_stack();
	setrlimit(RLIMIT_STACK, &(struct rlimit){LIMIT, RLIM_INFINITY});
	mark[100] = 1; /* main: first */
	if (argc > 1)
		write_to(end - LIMIT);
	write_to(mark - 3 * 4096);
	mark[100] = 2;
	if (readlink("/proc/self/exe", mark - 9 * 4096, 5) != 5)
		return 1;
	write_to(mark - 20 * 4096);
	mark[100] = 3;
	return mark[100] - 3;
}
