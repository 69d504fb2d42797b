/* A replay: opened, resumed until something is to be told, closed. */
#include "replay/session.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/err.h"
#include "task/tsc.h"

/* What went wrong is in err_msg(), or is a divergence that s->report tells of. */
static void stop_failed(struct replay *s)
{
	bool diverged = s->report.len;
	s->stop->why = diverged ? STOP_DIVERGED : STOP_FAILED;
	s->stop->text = diverged ? (const char *)s->report.data : err_msg();
}

/* --- a process alone --- */

static bool is_alone(const struct replay *s)
{
	return s->alone && !s->alone->why;
}

/* A task that goes when `l` says so, or NULL. */
static struct ptask *leaver(struct replay *s, const struct leave *l)
{
	struct ptask *t = replay_task(s, l->tid), *o;
	size_t i = 0;
	if (!l->others)
		return t;
	while ((o = hmap_next(&s->tasks, &i))) {
		if (t && o->proc != t->proc)
			return o;
	}
	return NULL;
}

/* Tasks go that are not followed any more when event `seq` comes. */
static void let_leave(struct replay *s, uint64_t seq)
{
	struct ptask *t;
	for (size_t i = 0; is_alone(s) && i < s->alone->leaves.n; i++) {
		const struct leave *l = &s->alone->leaves.at[i];
		while (l->seq >= s->done && l->seq < seq && (t = leaver(s, l)))
			play_leave(s, t);
	}
}

/* Begin with the exec of a process in place of the start of the recording. 0 or -1. */
static int begin_alone(struct replay *s)
{
	s->done = s->alone->first - 1;
	s->end_status = s->alone->status;
	return play_first(s, s->alone->before);
}

/* --- events --- */

static int fetch(struct replay *s)
{
	if (s->ev)
		return 1;
	if (is_alone(s) && !s->done && begin_alone(s))
		return -1;
	int rc = alone_next(s->alone, s->rd, &s->ev);
	if (rc == 1)
		let_leave(s, s->ev->seq);
	if (rc == 1 && s->ev->kind == EV_END) {
		s->end_status = s->alone ? s->alone->status : (int)s->ev->code;
		s->ev = NULL;
		rc = 0;
	}
	if (rc != 1)
		s->ev = NULL;
	return rc;
}

/* The client wants `t` to make an instruction; has it, with this event? */
static bool step_done(struct replay *s, struct ptask *t, const struct event *ev)
{
	regs_t r;
	if (!t || s->q->step != t->tid || s->way.active)
		return false;
	switch (ev->kind) {
	case EV_SYSCALL:
	case EV_EXIT:
	case EV_INSN:
	case EV_SIGNAL:
	case EV_EXEC:
		return true;
	case EV_BUFFER:
	case EV_SAFEPOINT:
	case EV_STOP:
		return !pt_getregs(t->pid, &r) && placed_to_app(&t->mm->images, r.rip) != s->step_from;
	default:
		return false;
	}
}

/* What of event `ev`, which has taken effect, the client wants to know. */
static void tell_event(struct replay *s, struct ptask *t, const struct event *ev, bool vforked)
{
	bool call = ev->kind == EV_SYSCALL || ev->kind == EV_EXIT || ev->kind == EV_EXEC;
	int64_t returned = call ? ev->code : s->returned;
	s->stop->code = returned;
	s->returned = -1;
	if (ev->kind == EV_FORK && s->q->want & WANT_FORKS) {
		s->stop->code = ev->arg[0];
		s->stop->flags = (uint64_t)ev->arg[2];
		stop_for(s, t, STOP_FORK);
	} else if (ev->kind == EV_EXEC && s->q->want & WANT_EXECS) {
		stop_for(s, t, STOP_EXEC);
	} else if (stop_catches(s, returned)) {
		s->stop->flags = vforked;
		stop_for(s, t, STOP_RETURN);
	} else if (vforked && s->q->want & WANT_FORKS) {
		stop_for(s, t, STOP_VFORK_DONE);
	} else if (step_done(s, t, ev)) {
		stop_for(s, t, STOP_STEP);
	}
}

/* Has the task come out of a vfork? */
static bool vfork_done(struct ptask *t, const struct event *ev)
{
	bool was = t && t->vforks && ev->kind == EV_EXIT;
	if (was)
		t->vforks = false;
	return was;
}

/* Event s->ev has taken effect. 0 or -1. */
static int done(struct replay *s)
{
	struct event *ev = s->ev;
	struct ptask *t = replay_task(s, ev->tid);
	bool vforked = vfork_done(t, ev);
	s->ev = NULL;
	s->told = 0;
	s->done = ev->seq;
	s->moved = true;
	if (event_only_prepares(ev))
		return 0;
	s->last_stop = ev->seq;
	if (t) {
		t->going = false;
		t->stepped = 0;
		t->mm->used = 0;
		t->visited = 0;
		t->ntouched = 0;
		s->current = t->tid;
	}
	if (!s->debugging)
		return 0;
	s->here = (struct position){.event = ev->seq};
	int rc = journey_event(s, t);
	if (rc < 0)
		return -1;
	tell_event(s, t, ev, vforked);
	watch_look(s, t);
	return 0;
}

static int resume(struct replay *s)
{
	int rc = 0;
	while (!s->stopped && (rc = fetch(s)) == 1) {
		int32_t trapped = s->ev->kind == EV_INSN ? s->ev->tid : 0;
		if (apply_event(s) || done(s))
			return -1;
		if (!s->stopped && (s->hurry || stop_due(s)))
			stop_for(s, replay_task(s, s->current), STOP_PAUSE);
		if (s->stopped && trapped && step_out(s, replay_task(s, trapped)))
			return -1;
	}
	if (!s->stopped && !rc) {
		s->stop->code = s->end_status;
		stop_for(s, replay_task(s, s->current), STOP_END);
	}
	return s->stopped ? 0 : rc;
}

static void begin(struct replay *s, const struct request *q, struct stop *stop)
{
	regs_t r;
	struct ptask *t = q->step ? replay_task(s, q->step) : NULL;
	*stop = (struct stop){0};
	s->q = q;
	s->stop = stop;
	s->stopped = s->moved = false;
	s->hurry = 0;
	s->returned = -1;
	s->report.len = 0;
	if (q->count && !s->counting) {
		s->trail[0] = s->trail[1] = s->here;
		s->fresh = true;
	}
	s->counting = q->count;
	s->debugging =
		q->until || q->step || q->want || q->slice_ns || s->points.n || s->catching || s->guarding;
	watch_begin(s);
	s->deadline = q->slice_ns ? coarse_ns() + q->slice_ns : 0;
	s->chunk_start = coarse_ns();
	s->chunk = s->chunk ? s->chunk : 1 << 14;
	if (t && !pt_getregs(t->pid, &r))
		s->step_from = placed_to_app(&t->mm->images, r.rip);
}

void replay_resume(struct replay *s, const struct request *q, struct stop *stop)
{
	begin(s, q, stop);
	points_blind(s, q->blind);
	bool there = q->until && position_equal(q->until, &s->here);
	if (there)
		journey_end(s);
	if (there)
		stop_for(s, replay_task(s, s->current), STOP_POSITION);
	else if (journey_set_out(s, q->until) || (resume(s) && !s->stopped))
		stop_failed(s);
	if (stop->tid)
		s->current = stop->tid;
	stop->at = s->here;
	stop->began = s->trail[s->fresh];
	stop->none = s->fresh && position_equal(&s->trail[0], &s->trail[1]);
	s->q = NULL;
}

/* --- opening and closing --- */

static void bind_cpu(const struct replay *s)
{
	cpu_set_t one;
	CPU_ZERO(&one);
	/* The recorded one where there is one: cpuid tells which CPU it runs on. */
	CPU_SET(s->meta.cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one)) {
		CPU_ZERO(&one);
		CPU_SET(sched_getcpu(), &one);
		sched_setaffinity(0, sizeof(one), &one);
	}
}

struct replay *replay_open(const struct replay_options *opt)
{
	struct replay *s = xcalloc(1, sizeof(*s));
	s->opt = *opt;
	s->dir = xstrdup(opt->dir);
	s->end_status = -1;
	s->stub_fd = -1;
	s->rd = reader_open(s->dir);
	if (!s->rd || meta_from_json(&s->meta, reader_json(s->rd)) || meta_check_cpu(&s->meta) ||
	    (opt->process && !(s->alone = alone_find(s->rd, opt->process)))) {
		replay_close(s);
		return NULL;
	}
	if (s->alone)
		alone_seek(s->alone, s->rd, s->alone->why ? 0 : s->alone->first - 1);
	fds_raise_limit();
	bind_cpu(s);
	pt_quiet_stops();
	tsc_disable();
	return s;
}

static void close_files(struct replay *s)
{
	size_t i = 0;
	struct pimage *im;
	while ((im = hmap_next(&s->images, &i))) {
		image_free(&im->im);
		free(im);
	}
	fd_cache_close(&s->files);
	play_free_objects(s);
	hmap_free(&s->images);
	hmap_free(&s->checked);
	if (s->stub_fd >= 0)
		close(s->stub_fd);
}

void replay_close(struct replay *s)
{
	replay_rejoin(s);
	play_kill_all(s);
	close_files(s);
	hmap_free(&s->tasks);
	alone_free(s->alone);
	if (s->rd)
		reader_close(s->rd);
	meta_free(&s->meta);
	points_free(s);
	watch_free(s);
	buf_free(&s->report);
	free(s->dir);
	free(s);
}

/* --- questions --- */

const struct trace_meta *replay_meta(const struct replay *s)
{
	return &s->meta;
}

uint64_t replay_last_event(const struct replay *s)
{
	return is_alone(s) ? s->alone->last : reader_last_seq(s->rd);
}

const struct alone *replay_alone(const struct replay *s)
{
	return s->alone;
}

uint64_t replay_event(const struct replay *s)
{
	return s->done;
}

struct position replay_position(const struct replay *s)
{
	return s->here;
}

int32_t replay_current(struct replay *s)
{
	return s->current;
}

struct replay_counts replay_counts(const struct replay *s)
{
	return (struct replay_counts){s->done, s->stops, s->checks, s->visits, s->steps};
}

void replay_catch(struct replay *s, const uint8_t calls[64])
{
	static const uint8_t none[64];
	bool any = calls && memcmp(calls, none, sizeof(none));
	if (any == s->catching && (!any || !memcmp(calls, s->calls, sizeof(s->calls))))
		return;
	s->catching = any;
	memcpy(s->calls, any ? calls : none, sizeof(s->calls));
	s->calls_gen++;
}

uint64_t replay_stops_key(const struct replay *s)
{
	return points_key(s) + watch_key(s) + (s->catching ? XXH64(s->calls, sizeof(s->calls), 3) : 0);
}
