/* An interposition as a whole. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/program.h"
#include "library/library.h"

struct reprise *reprise_new(unsigned flags)
{
	struct reprise *r = xcalloc(1, sizeof(*r));
	r->options.no_follow = flags & REPRISE_NO_FOLLOW;
	return r;
}

static int failed(struct reprise *r)
{
	strcpy(r->error, err_msg());
	return -1;
}

const char *reprise_error(const struct reprise *r)
{
	return r->error;
}

static void forget(struct module *m, struct tracee *t, int status)
{
	(void)status;
	task_data_free(m->state, t);
}

/* The chain and its masks are fixed now. */
static void begin(struct reprise *r)
{
	struct reprise_client *end = r->n_clients ? r->clients[r->n_clients - 1] : NULL;
	if (r->begun)
		return;
	r->begun = true;
	r->last = (struct module){.name = "library", .died = forget, .state = r};
	if (end)
		end->module.next = &r->last;
	loop_init(&r->loop, end ? &r->clients[0]->module : &r->last, &r->options);
}

pid_t reprise_start(struct reprise *r, char *const argv[], void (*in_child)(void *arg), void *arg)
{
	char *path = program_find(argv[0]);
	if (!path) {
		err_set("there is no program '%s'", argv[0]);
		return failed(r);
	}
	begin(r);
	pid_t pid = loop_start(&r->loop, path, argv, in_child, arg);
	free(path);
	return pid < 0 ? failed(r) : pid;
}

int reprise_attach(struct reprise *r, pid_t pid)
{
	begin(r);
	return loop_attach(&r->loop, pid) ? failed(r) : 0;
}

int reprise_run(struct reprise *r)
{
	begin(r);
	if (loop_run(&r->loop))
		return failed(r);
	int e = loop_exec_error(&r->loop);
	if (e) {
		err_sys(e, "cannot execute the program");
		return failed(r);
	}
	return 0;
}

void reprise_ask_end(struct reprise *r)
{
	loop_ask_end(&r->loop);
}

int reprise_status(const struct reprise *r)
{
	return r->begun ? r->loop.leader_status : -1;
}

uint64_t reprise_count(const struct reprise *r, enum reprise_counter what)
{
	switch (what) {
	case REPRISE_STOPS:
		return r->loop.stats.stops;
	case REPRISE_STARTS:
		return r->loop.stats.starts;
	case REPRISE_EXITS:
		return r->loop.stats.exits;
	}
	return 0;
}

void reprise_free(struct reprise *r)
{
	if (r->begun && r->loop.tracees.n) {
		loop_ask_end(&r->loop);
		loop_run(&r->loop);
	}
	if (r->begun)
		loop_free(&r->loop);
	/* Of tasks that have been let go, which is no death. */
	struct task_data *d;
	for (size_t i = 0; (d = hmap_next(&r->data, &i));) {
		buf_free(&d->text);
		free(d);
	}
	hmap_free(&r->data);
	for (unsigned i = 0; i < r->n_clients; i++)
		free(r->clients[i]);
	free(r);
}
