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
unsigned gdb_signal(int sig)
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

static void put_stop(struct session *s, unsigned sig, const char *why)
{
	struct task_view v;
	put_fmt(&s->out, "T%02x", sig);
	regs_expedite(s->r, s->general, &s->out);
	put_fmt(&s->out, "thread:p%x.%x;", replay_task_view(s->r, s->general, &v) ? v.tgid : s->tgid,
		s->general);
	s->told = s->general;
	put_text(&s->out, why);
}

static void put_gone(struct session *s, const char *how, unsigned code, int32_t tgid)
{
	put_fmt(&s->out, "%s%02x;process:%x", how, code, tgid);
}

/* Forwards: of all that the client has, the last one stays to be looked at. Backwards: the client gets it
 * back. */
static void reply_exit(struct session *s)
{
	int status = (int)s->stop.code;
	if (s->backwards)
		put_stop(s, 0, "");
	else if (procs_live(s, s->stop.tgid))
		put_stop(s, 0, "replaylog:end;");
	else if (WIFSIGNALED(status))
		put_gone(s, "X", gdb_signal(WTERMSIG(status)), s->stop.tgid);
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
	snprintf(why, sizeof(why), "%s:p%x.%x;", vfork ? "vfork" : "fork", child, child);
	if (!s->backwards)
		put_stop(s, GDB_SIGTRAP, why);
	else if (procs_live(s, child))
		put_stop(s, 0, "replaylog:begin;");
	else
		put_gone(s, "W", 0, child);
}

void exec_reply(struct session *s)
{
	struct task_view v;
	s->out.len = 0;
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

void stop_reply(struct session *s)
{
	const struct stop *st = divert_stop(s);
	char why[64];
	s->out.len = 0;
	if (s->gone) {
		put_gone(s, "W", 0, s->gone);
		return;
	}
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
			exec_reply(s);
		break;
	case STOP_PAUSE:
		put_stop(s, GDB_SIGINT, "");
		break;
	case STOP_EXIT:
		reply_exit(s);
		break;
	case STOP_FORK:
		reply_fork(s);
		break;
	case STOP_VFORK_DONE:
		put_stop(s, GDB_SIGTRAP, "vforkdone:;");
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
