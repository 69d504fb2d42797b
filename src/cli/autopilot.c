#include "cli/autopilot.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/err.h"
#include "debug/console.h"
#include "task/tsc.h"

/* A replay without a debugger. */
struct pilot {
	const struct autopilot *opt;
	struct replay *r;
	struct console console;
	uint64_t start; /* ns */
};

#define SLICE_NS 200000000ull	  /* between looks at how far it is */
#define PROGRESS_NS 1000000000ull /* what takes longer shows that it goes on */

/* As replay_resume, and shows progress on the way. */
static void go(struct pilot *p, struct request q, struct stop *stop)
{
	uint64_t last = replay_last_event(p->r);
	q.slice_ns = p->opt->progress ? SLICE_NS : 0;
	do {
		replay_resume(p->r, &q, stop);
		if (stop->why == STOP_PAUSE && last && coarse_ns() - p->start > PROGRESS_NS)
			console_progress(&p->console, "replaying",
					 (unsigned)(replay_event(p->r) * 1000 / last));
	} while (stop->why == STOP_PAUSE);
	console_clear(&p->console);
}

/* --- positions --- */

static void tell_place(struct replay *r, const struct stop *stop, uint64_t ip)
{
	const struct mapping *m = space_find(replay_space(r, stop->tid), ip);
	printf("at %s+0x%llx\n", m && m->recorded.name[0] ? m->recorded.name : "0",
	       (unsigned long long)(m ? ip - m->recorded.start + m->recorded.offset : ip));
}

static int tell(struct replay *rp, const struct position *p, const struct stop *stop)
{
	uint64_t sum;
	char text[POSITION_TEXT];
	regs_t r;
	if (!stop->tid)
		return err_set("no task is there after event %llu", (unsigned long long)p->event);
	if (replay_regs(rp, stop->tid, &r) || replay_sum(rp, stop->tid, &sum))
		return -1;
	position_text(p, text);
	printf("position %s%s, task %d, memory %016llx, ", text,
	       p->ticks || p->calls || p->nmoves ? "" : ":0", stop->tid, (unsigned long long)sum);
	tell_place(rp, stop, r.rip);
	printf("  rip %016llx rsp %016llx rbp %016llx rax %016llx\n"
	       "  rbx %016llx rcx %016llx rdx %016llx rsi %016llx\n"
	       "  rdi %016llx r8  %016llx r9  %016llx r10 %016llx\n"
	       "  r11 %016llx r12 %016llx r13 %016llx r14 %016llx\n"
	       "  r15 %016llx eflags %08llx fs %016llx gs %016llx\n",
	       r.rip, r.rsp, r.rbp, r.rax, r.rbx, r.rcx, r.rdx, r.rsi, r.rdi, r.r8, r.r9, r.r10, r.r11, r.r12,
	       r.r13, r.r14, r.r15, r.eflags, r.fs_base, r.gs_base);
	fflush(stdout);
	return 0;
}

/* 1: all were reached; 0: the recording ends before that; -1. */
static int visit_positions(struct pilot *pilot, struct stop *stop)
{
	const struct autopilot *opt = pilot->opt;
	struct replay *r = pilot->r;
	for (size_t i = 0; i < opt->npositions; i++) {
		const struct position *p = &opt->positions[i];
		go(pilot, (struct request){.until = p}, stop);
		if (stop->why == STOP_END) {
			char text[POSITION_TEXT];
			position_text(p, text);
			say("the recording ends at event %llu, before position %s%s",
			    (unsigned long long)replay_event(r), text, p->ticks ? "" : ":0");
			return 0;
		}
		if (stop->why != STOP_POSITION)
			return 0;
		if (tell(r, p, stop)) {
			say("%s", err_msg());
			return -1;
		}
	}
	return 1;
}

/* --- the whole --- */

static void show(void *ctx, const struct written *w)
{
	struct pilot *p = ctx;
	console_write(&p->console, w);
}

static int conclude(const struct autopilot *opt, struct replay *r, const struct stop *stop)
{
	struct replay_counts n = replay_counts(r);
	int status = (int)stop->code;
	if (stop->why == STOP_DIVERGED || stop->why == STOP_FAILED) {
		fprintf(stderr, "reprise: %s%s", stop->text, stop->why == STOP_FAILED ? "\n" : "");
		if (stop->why == STOP_DIVERGED)
			say("the replay stopped at event %llu", (unsigned long long)n.events + 1);
		return 125;
	}
	if (status >= 0 && opt->verify && !n.checks) {
		say("the trace holds no memory checksums: record with --verify to have them");
		return 125;
	}
	if (opt->stats)
		say("%llu events, %llu stops, %llu checksums", (unsigned long long)n.events,
		    (unsigned long long)n.stops, (unsigned long long)n.checks);
	if (status < 0) {
		say("the recording was cut short; it replayed to its last event, %llu",
		    (unsigned long long)n.events);
		return 125;
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int autopilot_run(const struct autopilot *opt)
{
	struct pilot p = {
		.opt = opt, .console = {.mark = opt->mark, .progress = opt->progress}, .start = coarse_ns()};
	struct replay_options o = {
		.dir = opt->dir, .output = opt->quiet ? NULL : show, .ctx = &p, .process = opt->process};
	struct stop stop = {0};
	int code = 125, rc = 0;
	p.r = replay_open(&o);
	if (!p.r) {
		say("%s", err_msg());
		return 125;
	}
	const struct alone *a = replay_alone(p.r);
	if (a && a->why)
		say("process %d cannot be replayed alone: %s; all is replayed", a->pid, a->why);
	if (opt->npositions)
		rc = visit_positions(&p, &stop);
	else
		go(&p, (struct request){0}, &stop);
	if (opt->npositions && rc > 0)
		code = 0;
	else if (!opt->npositions || stop.why == STOP_DIVERGED || stop.why == STOP_FAILED)
		code = conclude(opt, p.r, &stop);
	replay_close(p.r);
	return code;
}
