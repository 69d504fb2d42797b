#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "abi/print.h"
#include "abi/sysrow.h"
#include "base/err.h"
#include "cli/cli.h"
#include "trace/meta.h"
#include "trace/reader.h"
#include "trace/records.h"

struct input {
	const char *name;
	uint64_t from, to;
	int task;
	bool json, slices;
};

static const struct argp_option options[] = {
	{"event", 'e', "A[-B]", 0, "Only event A, or events A to B", 0},
	{"task", 't', "TID", 0, "Only events of this task", 0},
	{"list-slices", 'l', NULL, 0, "Show which task ran from which event to which, instead of events", 0},
	{"json", 'j', NULL, 0, "One JSON object a line", 0},
	{0},
};

static void parse_range(struct argp_state *state, struct input *in, const char *arg)
{
	char *end;
	in->from = in->to = strtoull(arg, &end, 10);
	if (*end == '-')
		in->to = end[1] ? strtoull(end + 1, &end, 10) : UINT64_MAX;
	if (end == arg || (*end && *end != '-') || in->to < in->from)
		argp_error(state, "--event wants a number or a range like 10-20, not '%s'", arg);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct input *in = state->input;
	switch (key) {
	case 'e':
		parse_range(state, in, arg);
		break;
	case 't':
		in->task = atoi(arg);
		break;
	case 'l':
		in->slices = true;
		break;
	case 'j':
		in->json = true;
		break;
	case ARGP_KEY_ARG:
		in->name = arg;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

const struct argp dump_argp = {
	options, parse, "[TRACE]", "Show the events of a recording, system calls as strace would.",
	NULL,	 NULL,	NULL};

/* Memory that an event tells of. A call's start may have been an event of its own;
 * what it read is kept until its exit, per task. */
struct memory {
	const struct event *ev;
};

static size_t get_memory(void *ctx, uint64_t addr, bool out, void *to, size_t n)
{
	const struct event *ev = ((struct memory *)ctx)->ev;
	size_t best = 0;
	for (size_t i = 0; i < ev->chunks.n; i++) {
		const struct ev_chunk *ch = &ev->chunks.at[i];
		if (ch->kind == CH_OBJ || addr - ch->addr >= ch->len || (out && ch->kind == CH_IN))
			continue;
		size_t there = ch->len - (addr - ch->addr), got = there < n ? there : n;
		if (got > best)
			memcpy(to, (const uint8_t *)ch->data + (addr - ch->addr), got);
		best = got > best ? got : best;
	}
	return best;
}

static void args_of(const regs_t *r, uint64_t a[6])
{
	uint64_t v[6] = {r->rdi, r->rsi, r->rdx, r->r10, r->r8, r->r9};
	memcpy(a, v, sizeof(v));
}

static void status_text(struct buf *b, int st)
{
	if (WIFSIGNALED(st))
		print_text(b, "killed by %s", signal_name(WTERMSIG(st)));
	else
		print_text(b, "exited with %d", WEXITSTATUS(st));
}

static void call_text(struct buf *b, const struct event *ev)
{
	uint64_t a[6];
	struct memory m = {ev};
	struct print_how how = {.read = get_memory, .ctx = &m};
	int64_t result = ev->flags & EVF_INTERRUPTED ? ev->arg[0] : (int64_t)ev->regs.rax;
	args_of(&ev->regs, a);
	print_call(&how, b, ev->code, a, ev->kind == EV_ENTRY ? 0 : result);
	if (ev->kind == EV_ENTRY)
		print_text(b, " ...");
	else if (ev->code == SYS_rt_sigreturn)
		print_text(b, " = ?");
	else
		print_result(b, ev->code, result);
}

static void describe(struct buf *b, const struct event *ev)
{
	static const char *const where[] = {"after a call", "before a call", "raised by a fault",
					    "at a safepoint"};
	static const char *const insn[] = {"rdtsc", "rdtscp", "cpuid", "rdrand", "rdseed"};
	switch (ev->kind) {
	case EV_SYSCALL:
	case EV_ENTRY:
	case EV_EXIT:
		call_text(b, ev);
		break;
	case EV_SIGNAL:
		print_text(b, "%s, %s%s", signal_name((int)ev->code),
			   ev->arg[0] >= 0 && ev->arg[0] < 4 ? where[ev->arg[0]] : "?",
			   ev->arg[1] ? ", not handled" : "");
		break;
	case EV_STOP:
		print_text(b, "stopped by its tracer %s", ev->arg[0] == SIG_AT_FAULT ? "at " : "before a call");
		if (ev->arg[0] == SIG_AT_FAULT)
			print_text(b, "%s", signal_name((int)ev->code));
		break;
	case EV_INSN:
		print_text(b, "%s at 0x%llx", ev->code >= 0 && ev->code < 5 ? insn[ev->code] : "?",
			   (unsigned long long)ev->arg[0]);
		break;
	case EV_FORK:
		print_text(b, "new %s %lld", ev->arg[1] ? "process" : "thread", (long long)ev->arg[0]);
		break;
	case EV_EXEC:
		for (size_t i = 0; i + 1 < ev->blob_len && i < 400; i++)
			buf_u8(b, ev->blob[i] >= 32 && ev->blob[i] < 127 ? ev->blob[i] : ' ');
		break;
	case EV_TASK_EXIT:
		status_text(b, (int)ev->code);
		break;
	case EV_END:
		print_text(b, "the first process ");
		status_text(b, (int)ev->code);
		break;
	case EV_SAFEPOINT:
		if (ev->code == SAFE_MOMENT) {
			print_text(b, "others go on, found by its state at 0x%llx",
				   (unsigned long long)ev->regs.rip);
			break;
		}
		print_text(b, ev->arg[0] ? "others go on, %lld instructions later" : "others go on",
			   (long long)ev->arg[0]);
		break;
	case EV_BUFFER:
		print_text(b, "%lld calls", (long long)ev->code);
		break;
	case EV_CHECK:
		print_text(b, "memory checksums of %lld pages", (long long)ev->code);
		break;
	}
}

static uint64_t written_bytes(const struct event *ev)
{
	uint64_t n = 0;
	for (size_t i = 0; i < ev->chunks.n; i++)
		n += ev->chunks.at[i].kind == CH_IN ? 0 : ev->chunks.at[i].len;
	return n;
}

static void show_text(const struct event *ev, struct buf *b)
{
	/* So many ticks after the task's last event. */
	char ticks[24] = "";
	if (ev->ticks)
		snprintf(ticks, sizeof(ticks), "+%llu", (unsigned long long)ev->ticks);
	print_text(b, "%7llu%-10s %7d  %-11s ", (unsigned long long)ev->seq, ticks, ev->tid,
		   event_kind_name(ev->kind));
	describe(b, ev);
	for (size_t i = 0; i < ev->ops.n; i++) {
		const struct ev_op *op = &ev->ops.at[i];
		if (op->op == OP_MAP)
			print_text(b, "\n%29s+ %llx-%llx %c%c%c%c %s", "",
				   (unsigned long long)op->map.recorded.start,
				   (unsigned long long)op->map.recorded.end,
				   op->map.recorded.prot & 1 ? 'r' : '-',
				   op->map.recorded.prot & 2 ? 'w' : '-',
				   op->map.recorded.prot & 4 ? 'x' : '-',
				   op->map.recorded.flags & MAPF_SHARED ? 's' : 'p', op->map.recorded.name);
	}
	buf_u8(b, '\n');
	fwrite(b->data, 1, b->len, stdout);
}

static void show_json(const struct event *ev, struct buf *b, const char *how)
{
	json_object *o = json_object_new_object();
	describe(b, ev);
	json_object_object_add(o, "event", json_object_new_int64((int64_t)ev->seq));
	json_object_object_add(o, "ticks", json_object_new_int64((int64_t)ev->ticks));
	json_object_object_add(o, "group", json_object_new_int64(ev->group));
	json_object_object_add(o, "task", json_object_new_int(ev->tid));
	json_object_object_add(o, "kind", json_object_new_string(event_kind_name(ev->kind)));
	json_object_object_add(o, "text", json_object_new_string_len((char *)b->data, (int)b->len));
	json_object_object_add(o, "bytes", json_object_new_int64((int64_t)written_bytes(ev)));
	if (ev->kind == EV_SYSCALL || ev->kind == EV_ENTRY || ev->kind == EV_EXIT) {
		uint64_t a[6];
		args_of(&ev->regs, a);
		json_object *args = json_object_new_array();
		for (int i = 0; i < 6; i++)
			json_object_array_add(args, json_object_new_int64((int64_t)a[i]));
		json_object_object_add(o, "call", json_object_new_string(sys_name(ev->code)));
		json_object_object_add(o, "args", args);
		if (ev->kind != EV_ENTRY)
			json_object_object_add(o, "result",
					       json_object_new_int64(ev->flags & EVF_INTERRUPTED
									     ? ev->arg[0]
									     : (int64_t)ev->regs.rax));
	} else {
		json_object_object_add(o, "code", json_object_new_int64(ev->code));
	}
	if (how)
		json_object_object_add(o, how, json_object_new_boolean(1));
	if (ev->flags & EVF_REGS)
		json_object_object_add(o, "ip", json_object_new_int64((int64_t)ev->regs.rip));
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
}

/* The calls of an EV_BUFFER, each as if it were an event: users look for calls. */
static int show_buffer(const struct event *buffer, const struct input *in, struct buf *b)
{
	struct event call = {0};
	size_t at = 0;
	int rc;
	while ((rc = record_next(buffer, &at, &call)) == 1) {
		b->len = 0;
		call.ticks = buffer->ticks;
		if (in->json)
			show_json(&call, b, buffer->arg[0] ? "station" : "buffered");
		else
			show_text(&call, b);
	}
	event_free(&call);
	return rc < 0 ? err_set("the trace is damaged: malformed records in event %llu",
				(unsigned long long)buffer->seq)
		      : 0;
}

/* Events of one task after another of its group, until another task's. */
struct slice {
	uint64_t first, last, ticks, calls;
	int32_t task;
	uint32_t group;
	char how[80];
};

static void show_slice(const struct slice *sl, const struct input *in)
{
	if (!sl->task || (in->task && sl->task != in->task) || sl->last < in->from || sl->first > in->to)
		return;
	if (!in->json) {
		printf("%7llu-%-7llu %7d %12llu ticks %9llu calls  %s\n", (unsigned long long)sl->first,
		       (unsigned long long)sl->last, sl->task, (unsigned long long)sl->ticks,
		       (unsigned long long)sl->calls, sl->how);
		return;
	}
	json_object *o = json_object_new_object();
	json_object_object_add(o, "first", json_object_new_int64((int64_t)sl->first));
	json_object_object_add(o, "last", json_object_new_int64((int64_t)sl->last));
	json_object_object_add(o, "task", json_object_new_int(sl->task));
	json_object_object_add(o, "group", json_object_new_int64(sl->group));
	json_object_object_add(o, "ticks", json_object_new_int64((int64_t)sl->ticks));
	json_object_object_add(o, "calls", json_object_new_int64((int64_t)sl->calls));
	json_object_object_add(o, "end", json_object_new_string(sl->how));
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
}

static void to_slice(struct slice *sl, const struct event *ev)
{
	bool call = ev->kind == EV_SYSCALL || ev->kind == EV_ENTRY;
	if (!sl->task)
		*sl = (struct slice){.first = ev->seq, .task = ev->tid, .group = ev->group};
	sl->last = ev->seq;
	sl->ticks += ev->ticks;
	sl->calls += ev->kind == EV_BUFFER ? (uint64_t)ev->code : call;
	if (ev->kind == EV_BUFFER)
		return;
	if (ev->kind == EV_SAFEPOINT && ev->code == SAFE_MOMENT) {
		snprintf(sl->how, sizeof(sl->how), "moment");
		return;
	}
	snprintf(sl->how, sizeof(sl->how), "%s%s%s", event_kind_name(ev->kind),
		 call || ev->kind == EV_EXIT ? " " : "",
		 call || ev->kind == EV_EXIT ? sys_name(ev->code) : "");
}

static int by_first(const void *a, const void *b)
{
	const struct slice *x = *(struct slice *const *)a, *y = *(struct slice *const *)b;
	return (x->first > y->first) - (x->first < y->first);
}

/* Those that have not ended, in the order in which they began. */
static void show_open(struct hmap *open, const struct input *in)
{
	VEC(struct slice *) left = {0};
	struct slice *sl;
	size_t i = 0;
	while ((sl = hmap_next(open, &i)))
		*VEC_PUSH(&left) = sl;
	if (left.n)
		qsort(left.at, left.n, sizeof(*left.at), by_first);
	for (i = 0; i < left.n; i++) {
		show_slice(left.at[i], in);
		free(left.at[i]);
	}
	VEC_FREE(&left);
	hmap_free(open);
}

/* Groups run side by side: each has a slice of its own. */
static int dump_slices(struct trace_reader *rd, const struct input *in)
{
	struct event *ev;
	struct hmap open = {0};
	int rc;
	while ((rc = reader_next(rd, &ev)) == 1) {
		if (!ev->tid || ev->kind == EV_CHECK)
			continue;
		struct slice *sl = hmap_get(&open, ev->group);
		if (!sl) {
			sl = xcalloc(1, sizeof(*sl));
			hmap_set(&open, ev->group, sl);
		}
		if (sl->task && sl->task != ev->tid) {
			show_slice(sl, in);
			memset(sl, 0, sizeof(*sl));
		}
		to_slice(sl, ev);
	}
	show_open(&open, in);
	fflush(stdout);
	return rc < 0 ? -1 : 0;
}

static int dump(struct trace_reader *rd, const struct input *in)
{
	struct event *ev;
	struct buf b = {0};
	int rc;
	while ((rc = reader_next(rd, &ev)) == 1) {
		if (ev->seq > in->to)
			break;
		if (ev->seq < in->from || (in->task && ev->tid != in->task))
			continue;
		b.len = 0;
		if (ev->kind == EV_BUFFER && (rc = show_buffer(ev, in, &b)))
			break;
		if (ev->kind == EV_BUFFER)
			continue;
		if (in->json)
			show_json(ev, &b, NULL);
		else
			show_text(ev, &b);
	}
	buf_free(&b);
	fflush(stdout);
	if (rc == 0 && reader_cut(rd))
		say("the recording was cut short: it ends here");
	return rc < 0 ? -1 : 0;
}

int cmd_dump(int argc, char **argv)
{
	struct input in = {.to = UINT64_MAX};
	cli_parse(&dump_argp, argc, argv, &in);
	char *dir = traces_find(in.name);
	struct trace_reader *rd = dir ? reader_open(dir) : NULL;
	int rc = !rd ? -1 : in.slices ? dump_slices(rd, &in) : dump(rd, &in);
	if (rc)
		say("%s", err_msg());
	if (rd)
		reader_close(rd);
	free(dir);
	return rc ? EXIT_TROUBLE : 0;
}
