/* `monitor` commands. */
#include "debug/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "debug/bookmarks.h"

static void tell(struct session *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void tell(struct session *s, const char *fmt, ...)
{
	char text[4096];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	put_hex(&s->out, text, n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

static void cmd_when(struct session *s, const char *arg)
{
	char text[POSITION_TEXT];
	struct position p = replay_position(s->r);
	(void)arg;
	position_text(&p, text);
	tell(s, "%s\n", text);
}

static void cmd_when_ticks(struct session *s, const char *arg)
{
	struct position p = replay_position(s->r);
	(void)arg;
	tell(s, "%llu\n", (unsigned long long)p.ticks);
}

/* Where the replay has got to, or why it did not get there. */
static void tell_place(struct session *s)
{
	if (s->stop.why == STOP_POSITION || s->stop.why == STOP_EXIT)
		cmd_when(s, "");
	else if (s->stop.why == STOP_PAUSE)
		tell(s, "interrupted on the way\n");
	else
		tell(s, "%s\n", s->stop.text ? s->stop.text : "the recording ends before that");
}

static void cmd_seek(struct session *s, const char *arg)
{
	struct position p;
	if (session_place(s, arg, &p)) {
		tell(s, "%s\n", err_msg());
		return;
	}
	session_seek(s, &p);
	tell_place(s);
}

static void cmd_checkpoint(struct session *s, const char *arg)
{
	(void)arg;
	divert_leave(s);
	int n = timeline_keep(s->tl, &s->stop);
	if (n < 0)
		tell(s, "%s\n", err_msg());
	else
		tell(s, "checkpoint %d\n", n);
}

static void cmd_restart(struct session *s, const char *arg)
{
	divert_leave(s);
	if (timeline_return(s->tl, atoi(arg), &s->stop))
		tell(s, "%s\n", err_msg());
	else
		cmd_when(s, "");
	session_arrived(s);
}

static void cmd_delete(struct session *s, const char *arg)
{
	if (timeline_drop(s->tl, atoi(arg)))
		tell(s, "%s\n", err_msg());
	else
		put_text(&s->out, "OK");
}

static void cmd_begin(struct session *s, const char *arg)
{
	(void)arg;
	divert_leave(s);
	timeline_rewind(s->tl, &s->stop);
	session_arrived(s);
	if (s->stop.why == STOP_POSITION)
		cmd_when(s, "");
	else
		tell(s, "%s\n", s->stop.text);
}

static void cmd_task(struct session *s, const char *arg)
{
	(void)arg;
	tell(s, "%d\n", s->told);
}

static void cmd_processes(struct session *s, const char *arg)
{
	char text[2048] = "";
	size_t n = 0;
	(void)arg;
	for (size_t i = 0; i < s->procs.n && n + 16 < sizeof(text); i++) {
		if (s->procs.at[i].state == PROC_LIVE)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%d%s\n", s->procs.at[i].tgid,
					      s->procs.at[i].unknown ? " new" : "");
	}
	tell(s, "%s", text);
}

static void cmd_checksum(struct session *s, const char *arg)
{
	uint64_t sum;
	(void)arg;
	if (replay_sum(s->r, s->general, &sum))
		tell(s, "%s\n", err_msg());
	else
		tell(s, "%016llx\n", (unsigned long long)sum);
}

static double seconds_at(const struct session *s, uint64_t event)
{
	return (double)timeline_time(s->tl, event) / 1e9;
}

static void cmd_elapsed(struct session *s, const char *arg)
{
	(void)arg;
	tell(s, "%.6fs\n", seconds_at(s, replay_event(s->r)));
}

static void cmd_recording(struct session *s, const char *arg)
{
	const struct trace_meta *m = replay_meta(s->r);
	struct timeline_counts c = timeline_counts(s->tl);
	uint64_t here = replay_event(s->r), last = replay_last_event(s->r);
	char clock[CLOCK_TEXT];
	(void)arg;
	session_clock(s, here, clock);
	tell(s,
	     "%s, recorded %s\nevent %llu of %llu, %.3f s of %.3f s: %s\n"
	     "%u checkpoints of your and its own, which took %llu MB at the last look\n",
	     s->opt->dir, m->time, (unsigned long long)here, (unsigned long long)last, seconds_at(s, here),
	     seconds_at(s, last), clock, c.checkpoints, (unsigned long long)(c.bytes >> 20));
}

static void cmd_stops(struct session *s, const char *arg)
{
	struct replay_counts c = replay_counts(s->r);
	(void)arg;
	tell(s, "%llu stops, %llu at breakpoints, %llu single steps\n", (unsigned long long)c.stops,
	     (unsigned long long)c.visits, (unsigned long long)c.steps);
}

/* ADDR LEN [CONDITION]: the condition as bytes of an agent expression. */
static bool parse_last_write(const char *arg, struct last_write *w, uint8_t *code, size_t cap)
{
	char *end;
	w->addr = strtoull(arg, &end, 0);
	w->len = strtoull(end, &end, 0);
	const char *hex = end + strspn(end, " ");
	w->condition = (struct expression){code, get_hex(&hex, code, cap)};
	return w->addr && w->len && !*hex;
}

static void tell_none(struct session *s, const struct last_write *w, const struct last_written *found)
{
	const char *what =
		w->condition.len ? "no change before made the condition true" : "it was not changed before";
	if (found->failed)
		tell(s, "%s; %u times it could not be evaluated: %s\n", what, found->failed, found->why);
	else
		tell(s, "%s\n", what);
}

static void cmd_last_write(struct session *s, const char *arg)
{
	struct last_write w;
	struct last_written found;
	uint8_t code[1000];
	char text[POSITION_TEXT], hex[2 * sizeof(found.after) + 1] = "";
	if (!parse_last_write(arg, &w, code, sizeof(code))) {
		tell(s, "say where and how many bytes: last-write 0x1234 4\n");
	} else if (session_last_write(s, &w, &found)) {
		tell(s, "%s\n", err_msg());
	} else if (found.there) {
		struct position p = replay_position(s->r);
		position_text(&p, text);
		for (size_t i = 0; i < found.n; i++)
			snprintf(hex + 2 * i, 3, "%02x", found.after[i]);
		tell(s, "%s\n%s\n", text, hex);
	} else if (found.none) {
		tell_none(s, &w, &found);
	} else {
		tell_place(s);
	}
}

/* --- bookmarks --- */

static void cmd_bookmark(struct session *s, const char *arg)
{
	struct position p = replay_position(s->r);
	char name[BOOKMARK_NAME], text[POSITION_TEXT];
	size_t n = strcspn(arg, " ");
	snprintf(name, sizeof(name), "%.*s", (int)n, arg);
	position_text(&p, text);
	if (p.vague)
		tell(s, "where the program was interrupted cannot be told; continue first\n");
	else if (n >= sizeof(name))
		tell(s, "the name is too long\n");
	else if (bookmarks_add(s->opt->dir, name, &p, arg + n + strspn(arg + n, " ")))
		tell(s, "%s\n", err_msg());
	else
		tell(s, "bookmark %s at %s\n", name, text);
}

static void cmd_bookmarks(struct session *s, const char *arg)
{
	bookmark_list l = {0};
	struct buf text = {0};
	(void)arg;
	if (bookmarks_load(s->opt->dir, &l))
		put_fmt(&text, "%s\n", err_msg());
	for (size_t i = 0; i < l.n; i++)
		put_fmt(&text, "%-16s %-24s %s\n", l.at[i].name, l.at[i].position, l.at[i].text);
	if (!text.len)
		put_text(&text, "No bookmarks.\n");
	put_hex(&s->out, text.data, text.len < PACKET_MAX / 2 ? text.len : PACKET_MAX / 2);
	buf_free(&text);
	bookmarks_free(&l);
}

static void cmd_delete_bookmark(struct session *s, const char *arg)
{
	if (bookmarks_remove(s->opt->dir, arg))
		tell(s, "%s\n", err_msg());
	else
		put_text(&s->out, "OK");
}

static const struct {
	const char *name, *help;
	void (*run)(struct session *s, const char *arg);
} commands[] = {
	{"when-ticks", "safepoints that the task has passed since the event", cmd_when_ticks},
	{"when", "the position: EVENT, or EVENT:TICKS and what follows", cmd_when},
	{"seek", "POSITION | N% | SECONDSs | HH:MM:SS | BOOKMARK: go there", cmd_seek},
	{"begin", "go to where history begins", cmd_begin},
	{"task", "the recorded task that the last stop was of", cmd_task},
	{"processes", "those that are debugged and are there; new: a continue that does not move tells of it",
	 cmd_processes},
	{"checksum", "of the private memory of the process, as recorded", cmd_checksum},
	{"elapsed-time", "seconds of the recording until here", cmd_elapsed},
	{"info recording", "what is debugged, how far it is, and what checkpoints take", cmd_recording},
	{"stops", "how often tasks have stopped until now, which is what time goes to", cmd_stops},
	{"last-write",
	 "ADDR LEN [CONDITION]: go back to before the last change of LEN bytes at ADDR, after which "
	 "CONDITION "
	 "held: gdb's agent expression in hexadecimal; and tell what they were then",
	 cmd_last_write},
	{"bookmark", "[NAME [TEXT]]: keep this position under a name, beside the trace", cmd_bookmark},
	{"info bookmarks", "list them", cmd_bookmarks},
	{"delete bookmark", "NAME: forget it", cmd_delete_bookmark},
	{"checkpoint", "keep this position", cmd_checkpoint},
	{"restart", "N: go to checkpoint N", cmd_restart},
	{"delete checkpoint", "N: forget checkpoint N", cmd_delete},
};

static void help(struct session *s)
{
	char text[4096] = "";
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		size_t n = strlen(text);
		snprintf(text + n, sizeof(text) - n, "monitor %s: %s\n", commands[i].name, commands[i].help);
	}
	tell(s, "%s", text);
}

/* The client chooses the task that its requests are of. It does not know that a command may choose another
 * one: if the task is still there, it stays chosen. */
static void run(struct session *s, size_t command, const char *arg)
{
	int32_t task = s->general, tgid = s->tgid;
	struct task_view v;
	commands[command].run(s, arg);
	if (replay_task_view(s->r, task, &v) && !v.dead && v.tgid == tgid && procs_live(s, tgid)) {
		s->general = task;
		s->tgid = tgid;
	}
}

bool on_monitor(struct session *s, const char *p)
{
	char line[512];
	p += strlen("qRcmd,");
	size_t len = get_hex(&p, (uint8_t *)line, sizeof(line) - 1);
	line[len] = 0;
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		size_t n = strlen(commands[i].name);
		if (strncmp(line, commands[i].name, n) || (line[n] && line[n] != ' '))
			continue;
		run(s, i, line[n] ? line + n + 1 : "");
		return true;
	}
	help(s);
	return true;
}
