/* Packets that make the program go on, and the replies to its stops. */
#include "debug/session.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/err.h"
#include "debug/regs.h"

/* gdb has numbers of its own for signals (include/gdb/signals.def); those of Linux up to 15 are the same but
 * for a few. */
static unsigned gdb_signal(int sig)
{
	static const uint8_t map[32] = {
		[1] = 1,   [2] = 2,   [3] = 3,	 [4] = 4,   [5] = 5,   [6] = 6,	  [7] = 10,  [8] = 8,
		[9] = 9,   [10] = 30, [11] = 11, [12] = 31, [13] = 13, [14] = 14, [15] = 15, [17] = 20,
		[18] = 19, [19] = 17, [20] = 18, [21] = 21, [22] = 22, [23] = 16, [24] = 24, [25] = 25,
		[26] = 26, [27] = 27, [28] = 28, [29] = 23, [30] = 32, [31] = 12,
	};
	if (sig > 0 && sig < 32)
		return map[sig];
	/* SIG33 is 45; SIG32 is 77; SIG34 to SIG63 follow SIG33, SIG64 is 78. */
	return sig == 32 ? 77 : sig == 64 ? 78 : sig > 32 && sig < 64 ? 45u + (unsigned)sig - 33 : 143;
}

static void put_thread(struct session *s, int32_t tid)
{
	struct task_view v;
	int32_t tgid = replay_task_view(s->r, tid, &v) ? v.tgid : s->tgid;
	put_fmt(&s->out, "thread:p%x.%x;", tgid, tid);
}

static void put_stop(struct session *s, unsigned sig, const char *why)
{
	put_fmt(&s->out, "T%02x", sig);
	regs_expedite(s->r, divert_stop(s)->tid, &s->out);
	put_thread(s, divert_stop(s)->tid);
	put_text(&s->out, why);
}

static void reply_exec(struct session *s)
{
	struct task_view v;
	put_stop(s, GDB_SIGTRAP, "exec:");
	if (replay_task_view(s->r, s->stop.tid, &v))
		put_hex(&s->out, v.exe, strlen(v.exe));
	put_text(&s->out, ";");
}

static const char *const watch_names[] = {
	[WATCH_WRITE] = "watch", [WATCH_READ] = "rwatch", [WATCH_ACCESS] = "awatch"};

void stop_reply(struct session *s)
{
	const struct stop *st = divert_stop(s);
	char why[64];
	s->out.len = 0;
	switch (st->why) {
	case STOP_BREAK:
		put_stop(s, GDB_SIGTRAP, "swbreak:;");
		break;
	case STOP_WATCH:
		snprintf(why, sizeof(why), "%s:%llx;", watch_names[st->code], (unsigned long long)st->addr);
		put_stop(s, GDB_SIGTRAP, why);
		break;
	case STOP_CALL:
	case STOP_RETURN:
		snprintf(why, sizeof(why), "%s:%llx;",
			 st->why == STOP_CALL ? "syscall_entry" : "syscall_return", (long long)st->code);
		put_stop(s, GDB_SIGTRAP, why);
		break;
	case STOP_SIGNAL:
		put_stop(s, gdb_signal((int)st->code), "");
		break;
	case STOP_EXEC:
		if (s->backwards) /* gdb would follow it as if forwards */
			put_stop(s, GDB_SIGTRAP, "");
		else
			reply_exec(s);
		break;
	case STOP_PAUSE:
		put_stop(s, GDB_SIGINT, "");
		break;
	case STOP_EXIT:
		put_stop(s, 0, "replaylog:end;");
		break;
	case STOP_END:
		put_stop(s, 0, st->code ? "replaylog:end;" : "replaylog:begin;");
		break;
	case STOP_DIVERGED:
	case STOP_FAILED:
		say("%s", st->text);
		put_stop(s, 0, "replaylog:end;");
		break;
	default:
		put_stop(s, GDB_SIGTRAP, "");
	}
}

/* --- going on --- */

bool session_interrupted(void *ctx)
{
	struct session *s = ctx;
	return s->wire.fd >= 0 && wire_interrupted(&s->wire);
}

/* What happened concerns the process that is debugged, and no signal that is to pass. */
static bool concerns(const struct session *s, const struct stop *st)
{
	if (st->why == STOP_SIGNAL && st->code > 0 && st->code < 256 && st->tgid == s->tgid)
		return !(s->pass[gdb_signal((int)st->code) / 8] >> (gdb_signal((int)st->code) % 8) & 1);
	if (st->why == STOP_EXIT)
		return st->tgid == s->tgid && st->flags;
	return st->why == STOP_PAUSE || st->why == STOP_END || st->why >= STOP_DIVERGED ||
	       st->tgid == s->tgid;
}

static unsigned wants(void)
{
	return WANT_SIGNALS | WANT_EXECS | WANT_EXITS;
}

static bool is_wanted(void *ctx, const struct stop *st)
{
	return concerns(ctx, st);
}

/* What matters in a call only. */
struct in_call {
	bool alone;   /* the others are not to run while one steps */
	unsigned sig; /* gdb wants it to be delivered */
};

static void go(struct session *s, bool back, int32_t step, struct in_call in)
{
	struct travel t = {.step = step, .want = wants(), .wanted = is_wanted, .ctx = s};
	enum diverted d = divert_go(s, back, step, in.alone, in.sig);
	if (d == DIVERTED_STOPPED)
		stop_reply(s);
	else if (d == DIVERTED_OVER)
		put_stop(s, 0, "");
	if (d != DIVERTED_NOT)
		return;
	s->backwards = back;
	if (!back && s->stop.why == STOP_EXIT) { /* nothing of this process comes behind that */
		stop_reply(s);
		return;
	}
	s->prints = !back;
	do {
		if (back)
			timeline_back(s->tl, &t, &s->stop);
		else
			timeline_forward(s->tl, &t, &s->stop);
	} while (!concerns(s, &s->stop));
	s->prints = false;
	s->wire.broken_in = false;
	if (s->stop.why == STOP_END && !back)
		s->stop.code = 1; /* which end */
	else if (s->stop.why == STOP_END)
		s->stop.code = 0;
	if (!s->stop.tid)
		s->stop.tid = replay_current(s->r);
	s->general = s->stop.tid;
	stop_reply(s);
}

static bool process_lives(struct session *s)
{
	struct task_view v;
	size_t i = 0;
	while (replay_tasks(s->r, &i, &v)) {
		if (v.tgid == s->tgid)
			return true;
	}
	return false;
}

void session_seek(struct session *s, const struct position *p)
{
	struct travel to_exit = {.want = WANT_EXITS};
	divert_leave(s);
	timeline_seek(s->tl, p, &s->stop);
	/* The client cannot look at a process that has ended: its end will do. */
	if (!process_lives(s)) {
		do
			timeline_back(s->tl, &to_exit, &s->stop);
		while (!concerns(s, &s->stop));
	}
	s->wire.broken_in = false;
	if (!s->stop.tid)
		s->stop.tid = replay_current(s->r);
	s->general = s->stop.tid;
}

/* The stop at which the chosen process begins; without one, the first exec. */
static bool begins(const struct session *s, const struct alone *a)
{
	if (s->stop.why != STOP_EXEC && s->stop.why != STOP_FORK)
		return false;
	return a ? s->stop.at.event == a->start : s->stop.why == STOP_EXEC;
}

int session_last_write(struct session *s, uint64_t addr, uint64_t len)
{
	struct travel t = {0};
	divert_leave(s);
	if (replay_watch(s->r, s->tgid, WATCH_WRITE, addr, len))
		return -1;
	do
		timeline_back(s->tl, &t, &s->stop);
	while (s->stop.why < STOP_END && s->stop.why != STOP_PAUSE &&
	       (s->stop.why != STOP_WATCH || s->stop.addr != addr));
	replay_unwatch(s->r, s->tgid, WATCH_WRITE, addr, len);
	s->wire.broken_in = false;
	if (!s->stop.tid)
		s->stop.tid = replay_current(s->r);
	s->general = s->stop.tid;
	return 0;
}

int session_begin(struct session *s)
{
	struct travel t = {.want = WANT_EXECS | WANT_FORKS};
	const struct alone *a = replay_alone(s->r);
	if (a && a->why)
		say("process %d cannot be replayed alone: %s; the recording is replayed from its beginning",
		    a->pid, a->why);
	do
		timeline_forward(s->tl, &t, &s->stop);
	while (!begins(s, a) && (s->stop.why == STOP_EXEC || s->stop.why == STOP_FORK));
	if (s->stop.why == STOP_END)
		return err_set("nothing was executed in this recording");
	if (!begins(s, a))
		return -1; /* err_msg() says why */
	if (s->stop.why == STOP_FORK)
		s->stop.tid = s->stop.tgid = (int32_t)s->stop.code;
	s->tgid = s->stop.tgid;
	s->general = s->stop.tid;
	s->stop.why = STOP_POSITION;
	return timeline_begin(s->tl);
}

static int32_t stepping_task(const struct session *s)
{
	return s->resume > 0 ? s->resume : s->general;
}

bool on_resume(struct session *s, const char *p)
{
	uint64_t sig = 0;
	bool step = *p == 's' || *p == 'S', signals = *p == 'C' || *p == 'S';
	p++;
	if (signals)
		get_num(&p, &sig);
	go(s, false, step ? stepping_task(s) : 0, (struct in_call){.sig = (unsigned)sig});
	return true;
}

bool on_back(struct session *s, const char *p)
{
	go(s, true, p[1] == 's' ? stepping_task(s) : 0, (struct in_call){0});
	return true;
}

/* p1.2, 2, or -1 (all): the task, or 0. */
static int32_t get_thread(const char **p)
{
	uint64_t pid = 0, tid = 0;
	if (get_char(p, 'p')) {
		get_num(p, &pid);
		if (!get_char(p, '.'))
			return 0;
	}
	if (get_char(p, '-')) {
		get_num(p, &tid);
		return 0;
	}
	get_num(p, &tid);
	return (int32_t)tid;
}

/* vCont;s:p1.2;c: all tasks go on, and if one steps, until it has. */
bool on_vcont(struct session *s, const char *p)
{
	int32_t step = 0;
	struct in_call in = {.alone = true};
	uint64_t sig = 0;
	p += strlen("vCont");
	if (*p == '?') {
		put_text(&s->out, "vCont;c;C;s;S");
		return true;
	}
	while (get_char(&p, ';')) {
		char what = *p++;
		int32_t tid = s->general;
		if ((what == 'C' || what == 'S') && get_num(&p, &sig))
			in.sig = (unsigned)sig;
		in.alone &= what == 's' || what == 'S';
		if (get_char(&p, ':'))
			tid = get_thread(&p);
		if ((what == 's' || what == 'S') && !step)
			step = tid ? tid : s->general;
	}
	go(s, false, step, in);
	return true;
}
