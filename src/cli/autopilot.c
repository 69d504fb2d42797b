#include "cli/autopilot.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/err.h"
#include "base/file.h"
#include "task/tsc.h"

/* --- progress --- */

struct progress {
	double start;
	bool shown;
};

static double seconds(void)
{
	return (double)coarse_ns() / 1e9;
}

static void progress(struct progress *p, const struct replay *r)
{
	uint64_t last = replay_last_event(r);
	if (seconds() < p->start + 1)
		return;
	p->shown = true;
	unsigned part = last ? (unsigned)(replay_event(r) * 40 / last) : 0;
	fprintf(stderr, "\rreplaying [%.*s%*s] %u %% ", (int)part, "########################################",
		40 - (int)part, "", part * 100 / 40);
}

static void progress_end(const struct progress *p)
{
	if (p->shown)
		fprintf(stderr, "\r%*s\r", 60, "");
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
static int visit_positions(struct replay *r, const struct autopilot *opt, struct stop *stop)
{
	for (size_t i = 0; i < opt->npositions; i++) {
		const struct position *p = &opt->positions[i];
		struct request q = {.until = p};
		replay_resume(r, &q, stop);
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

static void show(void *ctx, int fd, const void *data, size_t len)
{
	(void)ctx;
	write_full(fd, data, len);
}

static void to_end(struct replay *r, const struct autopilot *opt, struct stop *stop)
{
	struct progress p = {.start = seconds()};
	struct request q = {.slice_ns = opt->progress ? 200000000 : 0};
	do {
		replay_resume(r, &q, stop);
		if (stop->why == STOP_PAUSE)
			progress(&p, r);
	} while (stop->why == STOP_PAUSE);
	progress_end(&p);
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
	struct replay_options o = {
		.dir = opt->dir, .output = opt->quiet ? NULL : show, .process = opt->process};
	struct replay *r = replay_open(&o);
	struct stop stop = {0};
	int code = 125, rc = 0;
	if (!r) {
		say("%s", err_msg());
		return 125;
	}
	const struct alone *a = replay_alone(r);
	if (a && a->why)
		say("process %d cannot be replayed alone: %s; all is replayed", a->pid, a->why);
	if (opt->npositions)
		rc = visit_positions(r, opt, &stop);
	else
		to_end(r, opt, &stop);
	if (opt->npositions && rc > 0)
		code = 0;
	else if (!opt->npositions || stop.why == STOP_DIVERGED || stop.why == STOP_FAILED)
		code = conclude(opt, r, &stop);
	replay_close(r);
	return code;
}
