/* What programs built with sanitizers share. */
#ifndef REPORT_H
#define REPORT_H
#include "check.h"

/* Run `fn` in a child process, whose standard output holds the sanitizer's report, and show that:
 * it must contain `phrase`. */
static void shows_report(int (*fn)(void), const char *phrase)
{
	char line[1000];
	int fds[2], status;
	bool found = false;
	CHECK(!pipe(fds));
	if (fork() == 0) {
		dup2(fds[1], 1);
		close(fds[0]);
		close(fds[1]);
		exit(fn());
	}
	close(fds[1]);
	FILE *f = fdopen(fds[0], "r");
	CHECK(f);
	while (fgets(line, sizeof(line), f)) {
		SHOW("%.*s", (int)strcspn(line, "\n"), line);
		found |= strstr(line, phrase) != NULL;
	}
	fclose(f);
	CHECK(wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status));
	CHECK(found);
	puts("ok");
}
#endif
