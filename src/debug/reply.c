/* What the client is told of a stop. */
#include "debug/session.h"

#include <linux/sched.h>
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

unsigned client_signal(const struct session *s, int sig)
{
	return s->lldb ? (unsigned)sig : gdb_signal(sig);
}

void put_task(const struct session *s, struct buf *b, int32_t tgid, int32_t tid)
{
	if (s->multiprocess)
		put_fmt(b, "p%x.", tgid);
	put_fmt(b, "%x", tid);
}

/* All tasks of the process, and where they are. */
static void put_threads(struct session *s, int32_t tgid)
{
	struct buf pcs = {0};
	struct task_view v;
	regs_t r;
	size_t i = 0;
	put_text(&s->out, "threads:");
	while (replay_tasks(s->r, &i, &v)) {
		if (v.tgid != tgid || v.dead || replay_regs(s->r, v.tid, &r))
			continue;
		put_fmt(&s->out, "%s%x", pcs.len ? "," : "", v.tid);
		put_fmt(&pcs, "%s%llx", pcs.len ? "," : "", (unsigned long long)r.rip);
	}
	put_text(&s->out, ";thread-pcs:");
	buf_put(&s->out, pcs.data, pcs.len);
	put_text(&s->out, ";");
	buf_free(&pcs);
}

static void put_stop(struct session *s, unsigned sig, const char *why)
{
	struct task_view v;
	int32_t tgid = replay_task_view(s->r, s->general, &v) ? v.tgid : s->tgid;
	put_fmt(&s->out, "T%02x", sig);
	regs_expedite(s->r, s->general, &s->out);
	put_text(&s->out, "thread:");
	put_task(s, &s->out, tgid, s->general);
	put_text(&s->out, ";");
	if (s->lists_threads)
		put_threads(s, tgid);
	s->told = s->general;
	put_text(&s->out, why);
}

/* As the reason, something of the program's, and which: an address, the number of a call. */
static void put_stop_at(struct session *s, const char *what, uint64_t value)
{
	char why[64];
	snprintf(why, sizeof(why), "%s:%llx;", what, (unsigned long long)value);
	put_stop(s, GDB_SIGTRAP, why);
}

static void put_gone(struct session *s, const char *how, unsigned code, int32_t tgid)
{
	put_fmt(&s->out, "%s%02x", how, code);
	if (s->multiprocess)
		put_fmt(&s->out, ";process:%x", tgid);
}

/* History ends or begins here. lldb knows no such stop, and shows a description of ours. */
static void put_boundary(struct session *s, bool end, const char *text)
{
	if (!s->lldb) {
		put_stop(s, 0, end ? "replaylog:end;" : "replaylog:begin;");
		return;
	}
	put_stop(s, GDB_SIGTRAP, "reason:exception;description:");
	put_hex(&s->out, text, strlen(text));
	put_text(&s->out, ";");
}

/* Forwards: of all that the client has, the last one stays to be looked at. Backwards: the client gets it
 * back. */
static void reply_exit(struct session *s)
{
	int status = (int)s->stop.code;
	if (s->backwards)
		put_stop(s, 0, "");
	else if (procs_live(s, s->stop.tgid) && !s->lldb)
		put_boundary(s, true, "");
	else if (WIFSIGNALED(status))
		put_gone(s, "X", client_signal(s, WTERMSIG(status)), s->stop.tgid);
	else
		put_gone(s, "W", WEXITSTATUS(status), s->stop.tgid);
}

/* Backwards the child is not there any more; if the client has nothing else, history begins with the child.
 */
static void reply_fork(struct session *s)
{
	char why[64];
	int32_t child = (int32_t)s->stop.code;
	bool vfork = s->stop.flags & CLONE_VFORK && s->hears_vforks;
	snprintf(why, sizeof(why), "%s:p%x.%x;", vfork ? "vfork" : "fork", (unsigned)child, (unsigned)child);
	if (!s->backwards)
		put_stop(s, GDB_SIGTRAP, why);
	else if (procs_live(s, child))
		put_boundary(s, false, "the process begins here");
	else
		put_gone(s, "W", 0, child);
}

void exec_reply(struct session *s)
{
	struct task_view v;
	s->out.len = 0;
	if (s->lldb) {
		put_stop(s, GDB_SIGTRAP, "reason:exec;");
		return;
	}
	put_stop(s, GDB_SIGTRAP, "exec:");
	if (replay_task_view(s->r, s->general, &v))
		put_hex(&s->out, v.exe, strlen(v.exe));
	put_text(&s->out, ";");
}

void plain_reply(struct session *s)
{
	s->out.len = 0;
	put_stop(s, 0, "");
}

static const char *const watch_names[] = {
	[WATCH_WRITE] = "watch", [WATCH_READ] = "rwatch", [WATCH_ACCESS] = "awatch"};

/* gdb would follow an exec as if forwards. */
static void reply_exec(struct session *s)
{
	if (s->backwards)
		put_stop(s, GDB_SIGTRAP, "");
	else
		exec_reply(s);
}

/* Stops whose answer is their reason alone. */
static const struct {
	unsigned sig;
	const char *why;
} plain_stops[] = {
	[STOP_BREAK] = {GDB_SIGTRAP, "swbreak:;"},
	[STOP_PAUSE] = {GDB_SIGINT, ""},
	[STOP_VFORK_DONE] = {GDB_SIGTRAP, "vforkdone:;"},
};

static void reply_plain(struct session *s, enum stop_why why)
{
	bool listed = why < ARRAY_LEN(plain_stops) && plain_stops[why].why;
	put_stop(s, listed ? plain_stops[why].sig : GDB_SIGTRAP, listed ? plain_stops[why].why : "");
}

void stop_reply(struct session *s)
{
	const struct stop *st = divert_stop(s);
	s->out.len = 0;
	if (s->gone) {
		put_gone(s, "W", 0, s->gone);
		return;
	}
	switch (st->why) {
	case STOP_WATCH:
		put_stop_at(s, watch_names[st->code], st->addr);
		break;
	case STOP_CALL:
		put_stop_at(s, "syscall_entry", (uint64_t)st->code);
		break;
	case STOP_RETURN:
		put_stop_at(s, "syscall_return", (uint64_t)st->code);
		break;
	case STOP_SIGNAL:
		put_stop(s, client_signal(s, (int)st->code), "");
		break;
	case STOP_EXEC:
		reply_exec(s);
		break;
	case STOP_EXIT:
		reply_exit(s);
		break;
	case STOP_FORK:
		reply_fork(s);
		break;
	case STOP_END:
		put_boundary(s, st->code, st->code ? "the recording ends here" : "the recording begins here");
		break;
	case STOP_DIVERGED:
	case STOP_FAILED:
		put_boundary(s, true, st->text);
		break;
	default:
		reply_plain(s, st->why);
	}
}

void task_reply(struct session *s, int32_t tid)
{
	int32_t general = s->general, told = s->told;
	s->general = tid;
	if (tid == told)
		stop_reply(s);
	else
		plain_reply(s);
	s->general = general;
	s->told = told;
}
