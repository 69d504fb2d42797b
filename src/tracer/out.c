#include "tracer/out.h"

#include <string.h>
#include <time.h>

#include "abi/print.h"

#define RESULT_COLUMN 39 /* then " = " */

uint64_t out_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void put(struct out *w, const void *p, size_t n)
{
	fwrite(p, 1, n, w->f);
	w->column += n;
}

static void put_time(struct out *w, struct buf *b, uint64_t now)
{
	time_t sec = (time_t)(now / 1000000000u);
	unsigned us = (unsigned)(now % 1000000000u / 1000);
	struct tm tm;
	char text[32];
	if (w->o->relative) {
		uint64_t since = w->last && now > w->last ? now - w->last : 0;
		print_text(b, "%6llu.%06llu ", (unsigned long long)(since / 1000000000u),
			   (unsigned long long)(since % 1000000000u / 1000));
	}
	w->last = now;
	if (w->o->time == 3) {
		print_text(b, "%lld.%06u ", (long long)sec, us);
	} else if (w->o->time && localtime_r(&sec, &tm) && strftime(text, sizeof(text), "%H:%M:%S", &tm)) {
		print_text(b, "%s", text);
		if (w->o->time == 2)
			print_text(b, ".%06u", us);
		print_text(b, " ");
	}
}

void out_begin(struct out *w, pid_t tid, uint64_t now, const struct buf *text)
{
	struct buf head = {0};
	if (w->open)
		fputs(" <unfinished ...>\n", w->f);
	w->column = 0;
	w->open = tid;
	if (w->to_file && !w->o->no_follow)
		print_text(&head, "%-5d ", tid);
	else if (!w->to_file && w->tasks > 1)
		print_text(&head, "[pid %5d] ", tid);
	put_time(w, &head, now);
	put(w, head.data, head.len);
	buf_free(&head);
	put(w, text->data, text->len);
}

void out_continue(struct out *w, pid_t tid, uint64_t now, const char *name, const struct buf *text)
{
	struct buf b = {0};
	if (w->open == tid) {
		put(w, text->data, text->len);
		return;
	}
	print_text(&b, "<... %s resumed>", name);
	buf_put(&b, text->data, text->len);
	out_begin(w, tid, now, &b);
	buf_free(&b);
}

void out_to_result(struct out *w)
{
	while (w->column < RESULT_COLUMN)
		put(w, " ", 1);
}

void out_lines(struct out *w, const struct buf *text)
{
	fwrite(text->data, 1, text->len, w->f);
}

void out_end(struct out *w, const struct buf *text)
{
	put(w, text->data, text->len);
	fputc('\n', w->f);
	w->open = 0;
	if (!w->to_file)
		fflush(w->f);
}
