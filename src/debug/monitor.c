/* `monitor` commands. */
#include "debug/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

static void tell(struct session *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void tell(struct session *s, const char *fmt, ...)
{
	char text[2048];
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

/* EVENT..., N%, or SECONDSs. */
static int parse_place(struct session *s, const char *arg, struct position *p)
{
	char *end;
	double part = strtod(arg, &end);
	if (end != arg && !strcmp(end, "s")) {
		*p = (struct position){.event = timeline_event_at(s->tl, (uint64_t)(part * 1e9))};
		return 0;
	}
	if (end == arg || strcmp(end, "%"))
		return position_parse(arg, p);
	*p = (struct position){.event = (uint64_t)(part / 100 * (double)replay_last_event(s->r))};
	return 0;
}

static void cmd_seek(struct session *s, const char *arg)
{
	struct position p;
	if (parse_place(s, arg, &p)) {
		tell(s, "%s\n", err_msg());
		return;
	}
	session_seek(s, &p);
	if (s->stop.why == STOP_POSITION || s->stop.why == STOP_EXIT)
		cmd_when(s, "");
	else
		tell(s, "%s\n", s->stop.text ? s->stop.text : "the recording ends before that");
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
	tell(s, "%d\n", s->general);
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
	(void)arg;
	tell(s,
	     "%s, recorded %s\nevent %llu of %llu, %.3f s of %.3f s\n%u checkpoints of your and its own, "
	     "which "
	     "took %llu MB at the last look\n",
	     s->opt->dir, m->time, (unsigned long long)here, (unsigned long long)last, seconds_at(s, here),
	     seconds_at(s, last), c.checkpoints, (unsigned long long)(c.bytes >> 20));
}

static void cmd_stops(struct session *s, const char *arg)
{
	struct replay_counts c = replay_counts(s->r);
	(void)arg;
	tell(s, "%llu stops, %llu at breakpoints, %llu single steps\n", (unsigned long long)c.stops,
	     (unsigned long long)c.visits, (unsigned long long)c.steps);
}

static void cmd_last_write(struct session *s, const char *arg)
{
	char *end;
	uint64_t addr = strtoull(arg, &end, 0), len = strtoull(end, &end, 0);
	if (!addr || !len || *end)
		tell(s, "say where and how many bytes: last-write 0x1234 4\n");
	else if (session_last_write(s, addr, len))
		tell(s, "%s\n", err_msg());
	else if (s->stop.why == STOP_WATCH)
		cmd_when(s, "");
	else
		tell(s, "%s\n", s->stop.text ? s->stop.text : "it was not changed before");
}

static const struct {
	const char *name, *help;
	void (*run)(struct session *s, const char *arg);
} commands[] = {
	{"when-ticks", "safepoints that the task has passed since the event", cmd_when_ticks},
	{"when", "the position: EVENT, or EVENT:TICKS and what follows", cmd_when},
	{"seek", "POSITION | N% | SECONDSs: go there", cmd_seek},
	{"begin", "go to where history begins", cmd_begin},
	{"task", "the recorded task that the last stop was of", cmd_task},
	{"processes", "those that are debugged and are there; new: a continue that does not move tells of it",
	 cmd_processes},
	{"checksum", "of the private memory of the process, as recorded", cmd_checksum},
	{"elapsed-time", "seconds of the recording until here", cmd_elapsed},
	{"info recording", "what is debugged, how far it is, and what checkpoints take", cmd_recording},
	{"stops", "how often tasks have stopped until now, which is what time goes to", cmd_stops},
	{"last-write", "ADDR LEN: go back to before the last change of LEN bytes at ADDR", cmd_last_write},
	{"checkpoint", "keep this position", cmd_checkpoint},
	{"restart", "N: go to checkpoint N", cmd_restart},
	{"delete checkpoint", "N: forget checkpoint N", cmd_delete},
};

static void help(struct session *s)
{
	char text[2048] = "";
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		size_t n = strlen(text);
		snprintf(text + n, sizeof(text) - n, "monitor %s: %s\n", commands[i].name, commands[i].help);
	}
	tell(s, "%s", text);
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
		commands[i].run(s, line[n] ? line + n + 1 : "");
		return true;
	}
	help(s);
	return true;
}
