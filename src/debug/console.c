#include "debug/console.h"

#include <stdio.h>

#include "base/file.h"

#define BAR 40	 /* characters */
#define LINE 100 /* of the whole line, at most */

void console_write(struct console *c, const struct written *w)
{
	char mark[64];
	console_clear(c);
	if (c->mark && w->begins && w->event) {
		int n = snprintf(mark, sizeof(mark), "[reprise %d %llu] ", w->tgid,
				 (unsigned long long)w->event);
		write_full(w->fd, mark, (size_t)n);
	}
	write_full(w->fd, w->data, w->len);
	c->mid_line = w->len && ((const char *)w->data)[w->len - 1] != '\n';
}

void console_progress(struct console *c, const char *what, unsigned part)
{
	static const char full[BAR + 1] = "########################################";
	unsigned n = part * BAR / 1000;
	if (!c->progress)
		return;
	if (c->mid_line)
		fputc('\n', stderr);
	c->mid_line = false;
	c->line = true;
	fprintf(stderr, "\r%s [%.*s%*s] %u %% ", what, (int)n, full, (int)(BAR - n), "", part / 10);
	fflush(stderr);
}

void console_clear(struct console *c)
{
	if (c->line)
		fprintf(stderr, "\r%*s\r", LINE, "");
	fflush(stderr);
	c->line = false;
}
