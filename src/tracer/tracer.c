#include "tracer/tracer.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/print.h"
#include "base/err.h"
#include "base/hmap.h"
#include "base/mem.h"
#include "interpose/loop.h"
#include "task/fdpath.h"
#include "tracer/fddetail.h"
#include "tracer/out.h"
#include "tracer/stack.h"
#include "tracer/summary.h"

/* A task, and the call that it is in. */
struct traced {
	pid_t tid;
	struct tracee *t;
	struct print_how how;
	struct printed_call call;
	struct buf stack; /* -k: at the start of the call, one line a frame */
	struct buf text;  /* of the call; the line may have been written up to `written` */
	size_t written;
	uint64_t began; /* wall clock, ns */
	bool shown;	/* the call is one of those that are shown */
	bool injected;
	bool fd_details; /* -yy */
	unsigned delay_exit_us;
	unsigned *counts; /* calls so far that each rule of -e inject is about */
};

struct tracer {
	const struct tracer_options *o;
	struct loop loop;
	struct module module;
	struct hmap tasks; /* struct traced by tid */
	struct out out;
	struct summary summary;
	struct stacks stacks;
	unsigned n_rules;
};

static struct traced *traced_of(struct tracer *tr, pid_t tid)
{
	return hmap_get(&tr->tasks, (uint64_t)tid);
}

/* --- what the printer asks for --- */

static size_t read_memory(void *ctx, uint64_t addr, bool out, void *to, size_t n)
{
	(void)out;
	return loop_read(((struct traced *)ctx)->t, addr, to, n);
}

static void fd_text(void *ctx, struct buf *b, int fd)
{
	char path[PATH_MAX];
	struct traced *d = ctx;
	if (!fd_path(d->tid, fd, path, sizeof(path)))
		return;
	buf_u8(b, '<');
	if (d->fd_details)
		fd_detail(d->tid, fd, path, b);
	else
		buf_put(b, path, strlen(path));
	buf_u8(b, '>');
}

/* --- which calls are shown --- */

static bool names_path(struct traced *d, const char *path, const struct call *c)
{
	char there[PATH_MAX];
	const struct sysrow *row = sys_row(c->nr);
	for (int i = 0; i < 6; i++) {
		const struct arg_spec *a = &row->args[i];
		bool fd = a->kind == K_VAL && (a->type == T_FD || a->type == T_ATFD);
		size_t n = strlen(path) + 1;
		if (fd && fd_path(d->tid, (int)c->args[i], there, sizeof(there)) && !strcmp(there, path))
			return true;
		if (a->kind == K_STR && a->type == T_PATH && n <= sizeof(there) &&
		    loop_read(d->t, c->args[i], there, n) == n && !memcmp(there, path, n))
			return true;
	}
	return false;
}

static bool shows(const struct tracer *tr, struct traced *d, const struct call *c)
{
	bool path = !tr->o->n_paths;
	for (unsigned i = 0; i < tr->o->n_paths && !path; i++)
		path = names_path(d, tr->o->paths[i], c);
	return path && mask_has(&tr->o->calls, c->nr);
}

/* Lines are shown whole at the exit where it depends on the result whether they are. */
static bool shows_at_start(const struct tracer *tr)
{
	return !tr->o->summary && !tr->o->json && tr->o->status == STATUS_ALL;
}

/* --- JSON --- */

static json_object *json_line(const struct tracer *tr, pid_t tid, uint64_t now)
{
	char time[40];
	json_object *o = json_object_new_object();
	(void)tr;
	snprintf(time, sizeof(time), "%llu.%06llu", (unsigned long long)(now / 1000000000u),
		 (unsigned long long)(now % 1000000000u / 1000));
	json_object_object_add(o, "pid", json_object_new_int(tid));
	json_object_object_add(o, "time", json_object_new_double_s((double)now / 1e9, time));
	return o;
}

static void json_put_line(struct tracer *tr, json_object *o)
{
	fputs(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
	      tr->out.f);
	fputc('\n', tr->out.f);
	if (!tr->out.to_file)
		fflush(tr->out.f);
	json_object_put(o);
}

static json_object *json_stack(const struct buf *b)
{
	json_object *o = json_object_new_array();
	const char *at = (const char *)b->data, *end = at + b->len, *line;
	for (; at < end && (line = memchr(at, '\n', (size_t)(end - at))); at = line + 1)
		json_object_array_add(o, json_object_new_string_len(at + 3, (int)(line - at) - 3));
	return o;
}

/* The arguments are texts, as a line shows them: print_sep has kept where each ends. */
static void json_call(struct tracer *tr, struct traced *d, bool finished, uint64_t now)
{
	struct printed_call *c = &d->call;
	json_object *o = json_line(tr, d->tid, d->began), *args = json_object_new_array();
	size_t from = strlen(sys_name(c->nr)) + 1;
	for (unsigned i = 0; i < c->n && i < PRINT_ARGS; i++) {
		size_t end = c->end[i];
		if (end < from || end > d->text.len)
			break;
		json_object_array_add(
			args, json_object_new_string_len((char *)d->text.data + from, (int)(end - from)));
		from = end + 2;
	}
	json_object_object_add(o, "syscall", json_object_new_string(sys_name(c->nr)));
	json_object_object_add(o, "args", args);
	if (tr->o->stacks)
		json_object_object_add(o, "stack", json_stack(&d->stack));
	if (finished) {
		bool failed = c->result < 0 && c->result > -4096;
		json_object_object_add(o, "result", json_object_new_int64(failed ? -1 : c->result));
		if (failed && errno_name((int)-c->result))
			json_object_object_add(o, "error",
					       json_object_new_string(errno_name((int)-c->result)));
		if (d->injected)
			json_object_object_add(o, "injected", json_object_new_boolean(true));
		json_object_object_add(o, "duration", json_object_new_double((double)(now - d->began) / 1e9));
	}
	json_put_line(tr, o);
}

/* --- calls --- */

static bool never_returns(int64_t nr)
{
	return nr == SYS_exit || nr == SYS_exit_group;
}

static void unshown_part(struct traced *d, struct buf *b)
{
	*b = (struct buf){d->text.data + d->written, d->text.len - d->written, 0};
}

/* The call is over: the result follows, and the line ends. */
static void finish_line(struct tracer *tr, struct traced *d, uint64_t now)
{
	struct buf part, end = {0};
	unshown_part(d, &part);
	if (d->written)
		out_continue(&tr->out, d->tid, now, sys_name(d->call.nr), &part);
	else
		out_begin(&tr->out, d->tid, d->began, &part);
	out_to_result(&tr->out);
	print_call_result(&d->call, &end);
	if (d->injected)
		print_text(&end, " (INJECTED)");
	if (tr->o->duration && !never_returns(d->call.nr))
		print_text(&end, " <%llu.%06llu>", (unsigned long long)((now - d->began) / 1000000000u),
			   (unsigned long long)((now - d->began) % 1000000000u / 1000));
	out_end(&tr->out, &end);
	out_lines(&tr->out, &d->stack);
	buf_free(&end);
}

static unsigned status_of(const struct traced *d)
{
	if (never_returns(d->call.nr))
		return STATUS_UNFINISHED;
	return d->call.result < 0 && d->call.result > -4096 ? STATUS_FAILED : STATUS_SUCCESSFUL;
}

static void show_end(struct tracer *tr, struct traced *d, int64_t result)
{
	uint64_t now = out_now();
	d->shown = false;
	if (tr->o->summary) {
		summary_add(&tr->summary, d->call.nr, now - d->began, result < 0 && result > -4096);
		return;
	}
	print_exit(&d->call, &d->text, result);
	if (!(tr->o->status & status_of(d)))
		return;
	if (tr->o->json)
		json_call(tr, d, !never_returns(d->call.nr), now);
	else
		finish_line(tr, d, now);
}

/* The rule that is about this call of the task, or NULL; calls are counted for each rule. */
static const struct inject_rule *rule_for(struct tracer *tr, struct traced *d, int64_t nr)
{
	const struct inject_rule *found = NULL;
	unsigned i = 0;
	for (const struct inject_rule *r = tr->o->inject; r; r = r->next, i++) {
		if (!mask_has(&r->calls, nr))
			continue;
		unsigned n = ++d->counts[i];
		if (n >= r->first && n <= r->last && !((n - r->first) % r->step))
			found = r;
	}
	return found;
}

static enum disposition inject(struct tracer *tr, struct traced *d, struct call *c)
{
	const struct inject_rule *r = rule_for(tr, d, c->nr);
	if (!r)
		return DISP_CALL;
	if (r->delay_us)
		loop_hold(d->t, 1000ull * r->delay_us);
	if (r->signal)
		syscall(SYS_tgkill, d->t->tgid, d->tid, r->signal);
	d->delay_exit_us = r->delay_exit_us;
	if (!r->skip)
		return r->delay_exit_us ? DISP_CALL_EXIT : DISP_CALL;
	if (r->delay_exit_us)
		loop_hold(d->t, 1000ull * r->delay_exit_us);
	c->result = r->result;
	d->injected = true;
	return DISP_SKIP;
}

static enum disposition start(struct module *m, struct call *c)
{
	struct tracer *tr = m->state;
	struct traced *d = traced_of(tr, c->tid);
	if (!d)
		return DISP_CALL;
	d->injected = false;
	d->delay_exit_us = 0;
	d->shown = shows(tr, d, c);
	if (d->shown) {
		d->began = out_now();
		d->text.len = d->written = 0;
		d->how.sp = c->sp;
		if (!tr->o->summary)
			print_start(&d->call, &d->how, &d->text, c->nr, c->args);
		d->call.nr = c->nr;
		d->stack.len = 0;
		if (tr->o->stacks && !tr->o->summary)
			stack_text(&tr->stacks, d->t->tgid, d->tid, &d->stack);
		if (shows_at_start(tr)) {
			out_begin(&tr->out, d->tid, d->began, &d->text);
			d->written = d->text.len;
		}
	}
	enum disposition injected = inject(tr, d, c);
	if (d->shown && (injected == DISP_SKIP || never_returns(c->nr)))
		show_end(tr, d, c->result);
	else if (d->shown && !tr->out.to_file)
		fflush(tr->out.f);
	return injected != DISP_CALL ? injected : d->shown ? DISP_CALL_EXIT : DISP_CALL;
}

static void at_exit(struct module *m, struct call *c)
{
	struct traced *d = traced_of(m->state, c->tid);
	if (d && d->shown)
		show_end(m->state, d, c->result);
	if (d && d->delay_exit_us)
		loop_hold(d->t, 1000ull * d->delay_exit_us);
}

/* --- everything else --- */

static void note(struct tracer *tr, pid_t tid, const struct buf *text)
{
	static const struct buf nothing;
	out_begin(&tr->out, tid, out_now(), text);
	out_end(&tr->out, &nothing);
}

static void began(struct module *m, struct tracee *t, struct tracee *parent, enum birth how)
{
	struct tracer *tr = m->state;
	struct traced *d = xcalloc(1, sizeof(*d));
	d->tid = t->tid;
	d->t = t;
	d->how = (struct print_how){.read = read_memory,
				    .ctx = d,
				    .text = tr->o->text,
				    .verbose = tr->o->verbose,
				    .hex = tr->o->hex,
				    .fd = tr->o->fds ? fd_text : NULL};
	d->counts = xcalloc(tr->n_rules + 1, sizeof(*d->counts));
	hmap_set(&tr->tasks, (uint64_t)t->tid, d);
	d->fd_details = tr->o->fds > 1;
	tr->out.tasks++;
	if (!tr->out.to_file && !tr->o->quiet && !tr->o->json && !tr->o->summary && how != BIRTH_START) {
		if (tr->out.open)
			fputs(" <unfinished ...>\n", tr->out.f);
		tr->out.open = 0;
		fprintf(tr->out.f, "reprise: process %d attached\n", t->tid);
	}
	(void)parent;
}

static void forget(struct tracer *tr, struct traced *d)
{
	hmap_del(&tr->tasks, (uint64_t)d->tid);
	tr->out.tasks--;
	buf_free(&d->text);
	buf_free(&d->stack);
	free(d->counts);
	free(d);
}

/* It dies in a call. */
static void unfinished(struct tracer *tr, struct traced *d)
{
	const char *text = print_complete(&d->call) ? ")" : " <unfinished ...>)";
	struct buf part, end = {0};
	if (!d->shown || !(tr->o->status & STATUS_UNFINISHED))
		return;
	d->shown = false;
	if (tr->o->summary)
		return;
	if (tr->o->json) {
		json_call(tr, d, false, 0);
		return;
	}
	buf_put(&d->text, text, strlen(text));
	unshown_part(d, &part);
	if (d->written)
		out_continue(&tr->out, d->tid, out_now(), sys_name(d->call.nr), &part);
	else
		out_begin(&tr->out, d->tid, d->began, &part);
	out_to_result(&tr->out);
	print_text(&end, " = ?");
	out_end(&tr->out, &end);
	buf_free(&end);
}

static void json_end(struct tracer *tr, pid_t tid, int status)
{
	json_object *o = json_line(tr, tid, out_now());
	if (WIFEXITED(status))
		json_object_object_add(o, "exited", json_object_new_int(WEXITSTATUS(status)));
	else
		json_object_object_add(o, "killed", json_object_new_string(signal_name(WTERMSIG(status))));
	json_put_line(tr, o);
}

static void died(struct module *m, struct tracee *t, int status)
{
	struct tracer *tr = m->state;
	struct traced *d = traced_of(tr, t->tid);
	struct buf text = {0};
	if (!d)
		return;
	unfinished(tr, d);
	if (status == -1)
		print_text(&text, "+++ superseded by execve in pid %d +++", t->tid);
	else if (WIFEXITED(status))
		print_text(&text, "+++ exited with %d +++", WEXITSTATUS(status));
	else
		print_text(&text, "+++ killed by %s%s +++", signal_name(WTERMSIG(status)),
			   WCOREDUMP(status) ? " (core dumped)" : "");
	if (tr->o->json && status != -1)
		json_end(tr, t->tid, status);
	else if (!tr->o->json && !tr->o->summary)
		note(tr, t->tid, &text);
	buf_free(&text);
	if (t->tid == t->tgid)
		stack_forget(&tr->stacks, t->tgid);
	forget(tr, d);
}

static void execed(struct module *m, struct tracee *t, pid_t former)
{
	struct tracer *tr = m->state;
	struct traced *d = traced_of(tr, former);
	stack_forget(&tr->stacks, t->tgid);
	if (!d || former == t->tid)
		return;
	hmap_del(&tr->tasks, (uint64_t)former);
	d->tid = t->tid;
	hmap_set(&tr->tasks, (uint64_t)t->tid, d);
}

static int got_signal(struct module *m, struct tracee *t, const siginfo_t *si)
{
	struct tracer *tr = m->state;
	struct buf text = {0};
	if (!(tr->o->signals >> (si->si_signo - 1) & 1) || tr->o->summary)
		return si->si_signo;
	print_siginfo(&text, si);
	if (tr->o->json) {
		json_object *o = json_line(tr, t->tid, out_now());
		json_object_object_add(o, "signal", json_object_new_string(signal_name(si->si_signo)));
		json_object_object_add(o, "info",
				       json_object_new_string_len((char *)text.data, (int)text.len));
		json_put_line(tr, o);
	} else {
		struct buf line = {0};
		print_text(&line, "--- %s ", signal_name(si->si_signo));
		buf_put(&line, text.data, text.len);
		print_text(&line, " ---");
		note(tr, t->tid, &line);
		buf_free(&line);
	}
	buf_free(&text);
	return si->si_signo;
}

static void stopped(struct module *m, struct tracee *t, int sig)
{
	struct tracer *tr = m->state;
	struct buf text = {0};
	if (tr->o->summary || tr->o->json)
		return;
	print_text(&text, "--- stopped by %s ---", signal_name(sig));
	note(tr, t->tid, &text);
	buf_free(&text);
}

static void idle(struct module *m)
{
	fflush(((struct tracer *)m->state)->out.f);
}

/* --- the whole --- */

struct tracer *tracer_new(const struct tracer_options *o)
{
	struct tracer *tr = xcalloc(1, sizeof(*tr));
	const struct loop_options lo = {.no_follow = o->no_follow};
	tr->o = tr->out.o = o;
	tr->out.f = o->output ? fopen(o->output, "we") : fdopen(fcntl(2, F_DUPFD_CLOEXEC, 3), "w");
	if (!tr->out.f) {
		err_sys(errno, "cannot open %s", o->output ? o->output : "stderr");
		free(tr);
		return NULL;
	}
	tr->out.to_file = o->output != NULL;
	tr->module = (struct module){.name = "trace",
				     .wants = o->calls,
				     .start = start,
				     .exit = at_exit,
				     .began = began,
				     .died = died,
				     .execed = execed,
				     .signal = got_signal,
				     .stopped = stopped,
				     .idle = idle,
				     .state = tr};
	for (const struct inject_rule *r = o->inject; r; r = r->next, tr->n_rules++) {
		for (size_t i = 0; i < ARRAY_LEN(r->calls.bits); i++)
			tr->module.wants.bits[i] |= r->calls.bits[i];
	}
	loop_init(&tr->loop, &tr->module, &lo);
	return tr;
}

static int exit_status(const struct tracer *tr)
{
	int st = tr->loop.leader_status;
	if (!tr->o->argv || st == -1)
		return 0;
	return WIFSIGNALED(st) ? 128 + WTERMSIG(st) : WEXITSTATUS(st);
}

int tracer_run(struct tracer *tr, const char *path, void (*in_child)(void *))
{
	for (unsigned i = 0; i < tr->o->n_pids; i++) {
		if (loop_attach(&tr->loop, tr->o->pids[i]))
			return -1;
	}
	if (tr->o->argv && loop_start(&tr->loop, path, tr->o->argv, in_child, NULL) < 0)
		return -1;
	if (loop_run(&tr->loop))
		return -1;
	int e = loop_exec_error(&tr->loop);
	if (tr->o->summary)
		summary_print(&tr->summary, tr->out.f);
	if (fflush(tr->out.f) && tr->o->output)
		return err_sys(errno, "cannot write %s", tr->o->output);
	if (e)
		say("cannot run %s: %s", path, strerror(e));
	return exit_status(tr);
}

void tracer_signal(struct tracer *tr, int sig)
{
	if (tr->o->argv && tr->loop.leader)
		kill(tr->loop.leader, sig);
	else
		loop_ask_end(&tr->loop);
}

void tracer_free(struct tracer *tr)
{
	size_t i = 0;
	struct traced *d;
	while ((d = hmap_next(&tr->tasks, &i))) {
		buf_free(&d->text);
		buf_free(&d->stack);
		free(d->counts);
		free(d);
	}
	stack_free(&tr->stacks);
	hmap_free(&tr->tasks);
	loop_free(&tr->loop);
	fclose(tr->out.f);
	free(tr);
}
