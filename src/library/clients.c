/* Clients of the library are modules of the loop. */
#include <signal.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "interpose/maskset.h"
#include "library/library.h"

static struct reprise_task *task_of(struct tracee *t)
{
	return (struct reprise_task *)t;
}

static struct reprise_call outside(const struct call *c, bool ended)
{
	struct reprise_call o = {.task = task_of(c->task),
				 .nr = c->nr,
				 .result = c->result,
				 .ip = c->ip,
				 .sp = c->sp,
				 .ended = ended};
	memcpy(o.args, c->args, sizeof(o.args));
	return o;
}

static enum disposition start(struct module *m, struct call *c)
{
	static const enum disposition inside[] = {
		[REPRISE_RUN] = DISP_CALL, [REPRISE_RUN_EXIT] = DISP_CALL_EXIT, [REPRISE_SKIP] = DISP_SKIP};
	struct reprise_client *k = m->state;
	struct reprise_call o = outside(c, false);
	struct task_data *known = ((struct tracee *)c->task)->data;
	if (known && known->start != k->whole->loop.stats.starts)
		known->decoded = false;
	if (!k->handlers.start)
		return DISP_CALL;
	enum reprise_disposition d = k->handlers.start(k->state, &o);
	c->nr = o.nr;
	memcpy(c->args, o.args, sizeof(c->args));
	if (d == REPRISE_SKIP)
		c->result = o.result;
	return inside[d];
}

static void at_exit(struct module *m, struct call *c)
{
	struct reprise_client *k = m->state;
	struct reprise_call o = outside(c, true);
	if (!k->handlers.exit)
		return;
	k->handlers.exit(k->state, &o);
	c->result = o.result;
}

static void began(struct module *m, struct tracee *t, struct tracee *parent, enum birth how)
{
	static const enum reprise_birth inside[] = {[BIRTH_START] = REPRISE_STARTED,
						    [BIRTH_ATTACH] = REPRISE_ATTACHED,
						    [BIRTH_FORK] = REPRISE_FORK,
						    [BIRTH_VFORK] = REPRISE_VFORK,
						    [BIRTH_CLONE] = REPRISE_CLONE};
	struct reprise_client *k = m->state;
	k->handlers.began(k->state, task_of(t), task_of(parent), inside[how]);
}

static void execed(struct module *m, struct tracee *t, pid_t former)
{
	struct reprise_client *k = m->state;
	k->handlers.execed(k->state, task_of(t), former);
}

static int got_signal(struct module *m, struct tracee *t, const siginfo_t *si)
{
	struct reprise_client *k = m->state;
	return k->handlers.signal(k->state, task_of(t), si->si_signo, si);
}

static void stopped(struct module *m, struct tracee *t, int sig)
{
	struct reprise_client *k = m->state;
	k->handlers.stopped(k->state, task_of(t), sig);
}

static void exiting(struct module *m, struct tracee *t, int status)
{
	struct reprise_client *k = m->state;
	k->handlers.exiting(k->state, task_of(t), status);
}

static void died(struct module *m, struct tracee *t, int status)
{
	struct reprise_client *k = m->state;
	k->handlers.died(k->state, task_of(t), status);
}

static void idle(struct module *m)
{
	struct reprise_client *k = m->state;
	k->handlers.idle(k->state);
}

struct reprise_client *reprise_add(struct reprise *r, const struct reprise_handlers *h, void *state)
{
	if (r->n_clients == CLIENTS || r->begun)
		return NULL;
	struct reprise_client *k = xcalloc(1, sizeof(*k));
	/* A program that was built with an older header has fewer handlers. */
	memcpy(&k->handlers, h, h->size < sizeof(*h) ? h->size : sizeof(*h));
	k->whole = r;
	k->state = state;
	k->module = (struct module){.name = "client",
				    .start = start,
				    .exit = at_exit,
				    .began = k->handlers.began ? began : NULL,
				    .execed = k->handlers.execed ? execed : NULL,
				    .signal = k->handlers.signal ? got_signal : NULL,
				    .stopped = k->handlers.stopped ? stopped : NULL,
				    .exiting = k->handlers.exiting ? exiting : NULL,
				    .died = k->handlers.died ? died : NULL,
				    .idle = k->handlers.idle ? idle : NULL,
				    .state = k};
	if (r->n_clients)
		r->clients[r->n_clients - 1]->module.next = &k->module;
	r->clients[r->n_clients++] = k;
	return k;
}

int reprise_want(struct reprise_client *c, const char *set)
{
	struct call_mask m;
	if (mask_parse(set, &m)) {
		strcpy(c->whole->error, err_msg());
		return -1;
	}
	for (size_t i = 0; i < ARRAY_LEN(m.bits); i++)
		c->module.wants.bits[i] |= m.bits[i];
	return 0;
}

void reprise_want_call(struct reprise_client *c, int64_t nr)
{
	mask_add(&c->module.wants, nr);
}
