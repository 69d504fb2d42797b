/* Packets that make the program go on. A replay goes through all processes as they were recorded; of those
 * that the client has but does not let go on it hears only what it must know: forks, execs and ends. */
#include "debug/session.h"

#include <linux/sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xxhash.h>

#include "abi/print.h"
#include "base/err.h"

bool session_interrupted(void *ctx)
{
	struct session *s = ctx;
	if (session_typed_interrupt(s))
		s->wire.broken_in = true;
	return s->wire.fd >= 0 && wire_interrupted(&s->wire);
}

bool session_typed_interrupt(const struct session *s)
{
	char bytes[64];
	return s->opt->interrupts >= 0 && read(s->opt->interrupts, bytes, sizeof(bytes)) > 0;
}

bool session_gone(void *ctx)
{
	struct session *s = ctx;
	return s->wire.fd >= 0 && wire_interrupted(&s->wire) && s->wire.gone;
}

/* --- what the client wants to hear of --- */

static bool hears(struct session *s, int32_t tgid)
{
	return procs_live(s, tgid) && resumed_has(&s->resumed, tgid);
}

static bool passes(const struct session *s, int64_t sig)
{
	unsigned n = sig > 0 && sig < 256 ? client_signal(s, (int)sig) : 0;
	return s->pass[n / 8] >> (n % 8) & 1;
}

/* Forwards the client gets the child, backwards the child goes. */
static bool concerns_fork(struct session *s, const struct stop *st)
{
	if (s->backwards)
		return procs_live(s, (int32_t)st->code);
	bool vfork = st->flags & CLONE_VFORK && s->hears_vforks;
	return procs_live(s, st->tgid) && !(st->flags & CLONE_THREAD) && (vfork || s->hears_forks);
}

static bool concerns_vfork(struct session *s, const struct stop *st)
{
	const struct proc *p = procs_find(s, st->tgid);
	return !s->backwards && p && p->state == PROC_LIVE && p->vforks;
}

/* A process ends with its last task; one that a signal kills, with its first, so that all of them can be
 * looked at as they were. */
static bool ends_process(const struct stop *st)
{
	return st->flags & (WIFSIGNALED(st->code) ? EXIT_KILLED : EXIT_LAST);
}

static bool concerns_exit(struct session *s, const struct stop *st)
{
	const struct proc *p = ends_process(st) ? procs_find(s, st->tgid) : NULL;
	return p && p->state == (s->backwards ? PROC_ENDED : PROC_LIVE);
}

static bool concerns(struct session *s, const struct stop *st)
{
	switch (st->why) {
	case STOP_PAUSE:
	case STOP_END:
	case STOP_DIVERGED:
	case STOP_FAILED:
		return true;
	case STOP_SIGNAL:
		return hears(s, st->tgid) && !passes(s, st->code);
	case STOP_EXIT:
		return concerns_exit(s, st);
	case STOP_FORK:
		return concerns_fork(s, st);
	case STOP_VFORK_DONE:
		return concerns_vfork(s, st);
	case STOP_EXEC:
		return procs_live(s, st->tgid);
	default:
		return hears(s, st->tgid);
	}
}

static bool is_wanted(void *ctx, const struct stop *st)
{
	return concerns(ctx, st);
}

/* --- going on --- */

static void come_to_fork(struct session *s, const struct stop *st)
{
	int32_t child = (int32_t)st->code;
	if (!s->backwards) {
		procs_find(s, st->tgid)->vforks = st->flags & CLONE_VFORK && s->hears_vforks;
		procs_attach(s, child, st->tgid, st->at.event);
	} else if (procs_count(s) > 1) {
		breaks_forget(s, child);
		procs_forget(s, child);
	}
}

static void come_to_exit(struct session *s, const struct stop *st)
{
	if (s->backwards) {
		procs_find(s, st->tgid)->state = PROC_LIVE;
		procs_find(s, st->tgid)->unknown = true;
	} else if (procs_count(s) > 1) {
		breaks_forget(s, st->tgid);
		procs_find(s, st->tgid)->state = PROC_ENDED;
	}
}

/* The client learns of the stop: what it has then. */
static void come(struct session *s)
{
	const struct stop *st = &s->stop;
	int32_t task = st->tid;
	if (st->why == STOP_FORK)
		come_to_fork(s, st);
	else if (st->why == STOP_EXIT)
		come_to_exit(s, st);
	else if (st->why == STOP_VFORK_DONE)
		procs_find(s, st->tgid)->vforks = false;
	procs_choose(s, task ? task : replay_current(s->r));
}

/* Going on may lead over the beginning or the end of a process that the client has: it hears of that first,
 * and then of the stop, unless it turns round. */
static bool come_without(struct session *s)
{
	struct proc *p = procs_lost(s);
	s->gone = 0;
	if (!p || procs_count(s) == 1)
		return false;
	s->gone = p->tgid;
	breaks_forget(s, p->tgid);
	if (s->backwards)
		procs_forget(s, p->tgid);
	else
		p->state = PROC_ENDED;
	procs_choose(s, s->general);
	return true;
}

/* Where it is, a fork or an end is told of who comes by in this direction: what was told last does not count
 * when one turns round there, and the end of the last process is one as often as one asks. */
static bool tells_again(struct session *s, bool back)
{
	struct stop *st = &s->stop;
	if (s->gone)
		return s->backwards == back;
	if (st->why == STOP_RETURN && st->flags && !back) {
		st->why = STOP_VFORK_DONE;
		return !s->backwards && concerns_vfork(s, st);
	}
	bool was = s->backwards, again = false,
	     born = st->why == STOP_FORK && procs_live(s, (int32_t)st->code);
	s->backwards = back;
	if (st->why == STOP_EXIT)
		again = concerns_exit(s, st);
	else if (st->why == STOP_FORK)
		again = (back ? born : was && !born) && concerns_fork(s, st);
	s->backwards = was;
	return again;
}

/* What `concerns` depends on, and what the replay stops at. Never 0. */
static uint64_t stops_key(const struct session *s)
{
	uint64_t parts[] = {breaks_key(s), procs_key(s), XXH64(s->pass, sizeof(s->pass), 0)};
	return XXH64(parts, sizeof(parts), 0) | 1;
}

static void travel(struct session *s, bool back, int32_t step)
{
	struct travel t = {.step = step,
			   .want = WANT_SIGNALS | WANT_EXECS | WANT_EXITS | WANT_FORKS,
			   .wanted = is_wanted,
			   .ctx = s,
			   .key = stops_key(s)};
	s->prints = !back;
	do {
		if (back)
			timeline_back(s->tl, &t, &s->stop);
		else
			timeline_forward(s->tl, &t, &s->stop);
	} while (!concerns(s, &s->stop));
	s->prints = false;
	s->wire.broken_in = false;
	if (s->stop.why == STOP_END)
		s->stop.code = !back; /* which end */
}

/* gdb sets up a process that it has not heard of (its description, its libraries, its breakpoints) when it
 * executes something, and not when it just stops: so that is told first, whatever it may cost `catch exec`;
 * the stop follows. True: answered. */
static bool introduce(struct session *s)
{
	struct proc *p = s->hears_execs ? procs_unknown(s) : NULL;
	if (p) {
		p->unknown = false;
		s->introduced = true;
		procs_choose(s, procs_task(s, p->tgid));
		exec_reply(s);
	} else if (s->introduced) {
		s->introduced = false;
		plain_reply(s);
	} else {
		return false;
	}
	return true;
}

/* What matters in a diversion only. */
struct in_call {
	bool alone;   /* the others are not to run while one steps */
	unsigned sig; /* gdb wants it to be delivered */
};

/* Clients show a stop without such a text. */
static void tell_failure(struct session *s)
{
	struct buf text = {0};
	put_fmt(&text, "reprise: %s\n", s->stop.text);
	wire_print(&s->wire, text.data, text.len);
	buf_free(&text);
}

/* The last process stays where it ends, to be looked at: gdb does not say then how it has ended. */
static void tell_end(struct session *s)
{
	const struct stop *st = &s->stop;
	int status = (int)st->code;
	struct buf text = {0};
	if (st->why != STOP_EXIT || s->backwards || s->lldb || s->gone || !procs_live(s, st->tgid))
		return;
	if (WIFSIGNALED(status))
		put_fmt(&text, "[process %d was killed by %s]\n", st->tgid, signal_name(WTERMSIG(status)));
	else
		put_fmt(&text, "[process %d has exited with status %d]\n", st->tgid, WEXITSTATUS(status));
	wire_print(&s->wire, text.data, text.len);
	buf_free(&text);
}

static void go(struct session *s, bool back, int32_t step, struct in_call in)
{
	enum diverted d = divert_go(s, back, step, in.alone, in.sig);
	if (d == DIVERTED_STOPPED)
		stop_reply(s);
	else if (d == DIVERTED_OVER)
		plain_reply(s);
	if (d != DIVERTED_NOT || introduce(s))
		return;
	bool again = tells_again(s, back);
	if (!procs_any_resumed(s) && !again) {
		put_text(&s->out, "N");
		return;
	}
	s->backwards = back;
	if (!again)
		travel(s, back, step);
	if (s->stop.why == STOP_DIVERGED || s->stop.why == STOP_FAILED)
		tell_failure(s);
	if (!come_without(s)) {
		come(s);
		if (introduce(s))
			return;
	}
	tell_end(s);
	stop_reply(s);
}

/* --- places --- */

/* The stop at which the chosen process begins; without one, the first exec. */
static bool begins(const struct session *s, const struct alone *a)
{
	if (s->stop.why != STOP_EXEC && s->stop.why != STOP_FORK)
		return false;
	return a ? s->stop.at.event == a->start : s->stop.why == STOP_EXEC;
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
	while (!begins(s, a) &&
	       (s->stop.why == STOP_EXEC || s->stop.why == STOP_FORK || s->stop.why == STOP_VFORK_DONE));
	if (s->stop.why == STOP_END)
		return err_set("nothing was executed in this recording");
	if (!begins(s, a))
		return -1; /* err_msg() says why */
	if (s->stop.why == STOP_FORK)
		s->stop.tid = s->stop.tgid = (int32_t)s->stop.code;
	s->stop.why = STOP_POSITION;
	s->resumed.all = true;
	procs_attach(s, s->stop.tgid, 0, s->stop.at.event);
	procs_choose(s, s->stop.tid);
	return timeline_begin(s->tl);
}

void session_arrived(struct session *s)
{
	struct travel to_exit = {.want = WANT_EXITS, .wanted = is_wanted, .ctx = s};
	s->gone = 0;
	s->wire.broken_in = false;
	/* The client cannot look at processes that have ended: the last end will do. */
	if (!procs_settle(s)) {
		s->backwards = true;
		do
			timeline_back(s->tl, &to_exit, &s->stop);
		while (!concerns(s, &s->stop));
		procs_settle(s);
	}
	procs_settled(s);
	procs_choose(s, s->stop.tid ? s->stop.tid : replay_current(s->r));
	s->told = s->general;
}

void session_seek(struct session *s, const struct position *p)
{
	divert_leave(s);
	timeline_seek(s->tl, p, &s->stop);
	const struct position *at = &s->stop.at;
	if (s->stop.why == STOP_POSITION && at->nmoves && at->moves[at->nmoves - 1].kind == MOVE_EXIT) {
		s->stop.why = STOP_EXIT;
		s->backwards = true;
	}
	session_arrived(s);
}

/* --- packets --- */

/* gdb goes on from a fork, an exec or the end of a vfork by itself, with the process that it is of: those
 * that went on before still do. */
void session_resumes(struct session *s, struct resumed *r)
{
	enum stop_why why = s->stop.why;
	bool on = why == STOP_FORK || why == STOP_VFORK_DONE || why == STOP_EXEC;
	resumed_replace(&s->resumed, r, on && !resumed_has(&s->resumed, s->stop.tgid));
}

/* With schedule-multiple on, gdb says for steps back that any process goes on, and has chosen another one in
 * between to set its breakpoints: then it is the one that has stopped last. */
static int32_t stepping_task(const struct session *s)
{
	struct task_view v;
	bool other = s->resumed.all && replay_task_view(s->r, s->told, &v) && v.tgid != s->tgid;
	return s->resume > 0 ? s->resume : other ? s->told : s->general;
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

/* vCont;s:p1.2;c:p1.-1: the tasks of process 1 go on, until task 2 has made a step. */
bool on_vcont(struct session *s, const char *p)
{
	struct resumed r = {0};
	struct in_call in = {.alone = true};
	int32_t step = 0;
	p += strlen("vCont");
	if (*p == '?') {
		put_text(&s->out, "vCont;c;C;s;S");
		return true;
	}
	while (get_char(&p, ';') && *p) {
		char what = *p++;
		uint64_t sig;
		int64_t pid = -1, tid = -1;
		struct task_view v;
		if ((what == 'C' || what == 'S') && get_num(&p, &sig))
			in.sig = (unsigned)sig;
		in.alone &= what == 's' || what == 'S';
		if (get_char(&p, ':'))
			get_thread(&p, &pid, &tid);
		if (!pid && tid > 0 && replay_task_view(s->r, (int32_t)tid, &v))
			pid = v.tgid;
		resumed_add(&r, pid);
		if ((what == 's' || what == 'S') && !step)
			step = tid > 0 ? (int32_t)tid : s->general;
	}
	session_resumes(s, &r);
	go(s, false, step, in);
	return true;
}
