#include "debug/server.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "debug/regs.h"
#include "debug/session.h"

static bool reply(struct session *s, const char *text)
{
	put_text(&s->out, text);
	return true;
}

/* --- what the client asks at the start --- */

static bool on_supported(struct session *s, const char *p)
{
	s->hears_forks = strstr(p, ";fork-events+") || strstr(p, ":fork-events+");
	s->hears_vforks = strstr(p, "vfork-events+");
	s->hears_execs = strstr(p, "exec-events+");
	s->multiprocess = strstr(p, "multiprocess+");
	put_fmt(&s->out, "PacketSize=%x;", PACKET_MAX - 1);
	return reply(s,
		     "QStartNoAckMode+;multiprocess+;swbreak+;hwbreak+;vContSupported+;QPassSignals+;"
		     "QCatchSyscalls+;ReverseStep+;ReverseContinue+;fork-events+;vfork-events+;exec-"
		     "events+;no-resumed+;"
		     "ConditionalBreakpoints+;BreakpointCommands+;"
		     "qXfer:features:read+;qXfer:auxv:read+;qXfer:exec-file:read+;qXfer:libraries-svr4:read+;"
		     "qXfer:siginfo:read+;qXfer:threads:read+");
}

static bool on_no_ack(struct session *s, const char *p)
{
	(void)p;
	s->wire.no_ack = true;
	return reply(s, "OK");
}

static bool on_ok(struct session *s, const char *p)
{
	(void)p;
	return reply(s, "OK");
}

static bool on_attached(struct session *s, const char *p)
{
	(void)p;
	return reply(s, "1");
}

static bool on_why(struct session *s, const char *p)
{
	(void)p;
	stop_reply(s);
	return true;
}

/* --- threads --- */

static bool on_current(struct session *s, const char *p)
{
	(void)p;
	put_text(&s->out, "QC");
	put_task(s, &s->out, s->tgid, s->general);
	return true;
}

static bool on_threads(struct session *s, const char *p)
{
	task_list tasks = {0};
	(void)p;
	procs_tasks(s, &tasks);
	for (size_t i = 0; i < tasks.n; i++) {
		buf_u8(&s->out, i ? ',' : 'm');
		put_task(s, &s->out, tasks.at[i].tgid, tasks.at[i].tid);
	}
	VEC_FREE(&tasks);
	return s->out.len ? true : reply(s, "l");
}

static bool on_more_threads(struct session *s, const char *p)
{
	(void)p;
	return reply(s, "l");
}

/* Any: gdb says so while it looks at a process that a stop has told it of, and that is no inferior yet. Of a
 * process any task will do. One that is not there is chosen all the same: what follows is not meant for
 * another. */
static bool choose_general(struct session *s, int64_t pid, int64_t tid)
{
	struct task_view v;
	bool known = tid > 0 && replay_task_view(s->r, (int32_t)tid, &v);
	if (pid <= 0 && tid <= 0) {
		procs_choose(s, s->told);
		return true;
	}
	if (tid <= 0)
		tid = procs_task(s, (int32_t)pid);
	s->tgid = known ? v.tgid : (int32_t)pid;
	s->general = (int32_t)tid;
	return known || replay_task_view(s->r, (int32_t)tid, &v);
}

/* Hc: those that bc, bs, c and s are about. */
static bool choose_resumed(struct session *s, int64_t pid, int64_t tid)
{
	struct task_view v;
	struct resumed r = {0};
	bool known = tid <= 0 || replay_task_view(s->r, (int32_t)tid, &v);
	if (!known)
		return false;
	s->resume = tid > 0 ? (int32_t)tid : 0;
	if (tid <= 0 && pid > 0 && pid != s->tgid)
		s->resume = procs_task(s, (int32_t)pid);
	resumed_add(&r, pid > 0 || tid <= 0 ? pid : v.tgid);
	session_resumes(s, &r);
	return true;
}

static bool on_choose(struct session *s, const char *p)
{
	int64_t pid, tid;
	char what = p[1];
	p += 2;
	if (!get_thread(&p, &pid, &tid))
		return reply(s, "E01");
	bool ok = what == 'c' ? choose_resumed(s, pid, tid) : choose_general(s, pid, tid);
	return reply(s, ok ? "OK" : "E03");
}

static bool on_alive(struct session *s, const char *p)
{
	int64_t pid, tid;
	struct task_view v;
	p++;
	bool alive = get_thread(&p, &pid, &tid) && replay_task_view(s->r, (int32_t)tid, &v) && !v.dead &&
		     procs_live(s, v.tgid);
	return reply(s, alive ? "OK" : "E03");
}

/* --- registers and memory --- */

static bool on_regs(struct session *s, const char *p)
{
	(void)p;
	if (regs_all(s->r, s->general, &s->out)) {
		s->out.len = 0;
		put_text(&s->out, "E03");
	}
	return true;
}

static bool on_reg(struct session *s, const char *p)
{
	uint64_t n;
	p++;
	if (!get_num(&p, &n) || regs_one(s->r, s->general, (unsigned)n, &s->out))
		put_text(&s->out, "E01");
	return true;
}

static bool on_read(struct session *s, const char *p)
{
	static uint8_t data[PACKET_MAX / 2 - 16];
	uint64_t addr, len;
	p++;
	if (!get_num(&p, &addr) || !get_char(&p, ',') || !get_num(&p, &len))
		return reply(s, "E01");
	size_t n = replay_read(s->r, s->general, addr, data, len < sizeof(data) ? len : sizeof(data));
	if (!n && len)
		return reply(s, "E14");
	put_hex(&s->out, data, n);
	return true;
}

/* --- catchpoints --- */

static bool on_catch(struct session *s, const char *p)
{
	uint8_t calls[64];
	uint64_t n;
	p += strlen("QCatchSyscalls:");
	if (get_char(&p, '0')) {
		replay_catch(s->r, NULL);
		return reply(s, "OK");
	}
	p++; /* 1 */
	memset(calls, *p ? 0 : 0xff, sizeof(calls));
	while (get_char(&p, ';') && get_num(&p, &n)) {
		if (n < 512)
			calls[n / 8] |= (uint8_t)(1 << (n % 8));
	}
	replay_catch(s->r, calls);
	return reply(s, "OK");
}

static bool on_pass(struct session *s, const char *p)
{
	uint64_t n;
	p += strlen("QPassSignals:");
	memset(s->pass, 0, sizeof(s->pass));
	while (get_num(&p, &n)) {
		if (n < 256)
			s->pass[n / 8] |= (uint8_t)(1 << (n % 8));
		if (!get_char(&p, ';'))
			break;
	}
	return reply(s, "OK");
}

/* --- the end --- */

/* D;PID and vKill;PID: the client has no more to do with that process; D: with any. The recording goes on as
 * it did. */
static bool on_detach(struct session *s, const char *p)
{
	uint64_t pid;
	p = strchr(p, ';');
	if (p && get_char(&p, ';') && get_num(&p, &pid)) {
		bool last = procs_live(s, (int32_t)pid) && procs_count(s) == 1;
		breaks_forget(s, (int32_t)pid);
		if (!last) {
			procs_detach(s, (int32_t)pid);
			return reply(s, "OK");
		}
	}
	s->ended = true;
	return reply(s, "OK");
}

static bool on_kill(struct session *s, const char *p)
{
	(void)p;
	s->ended = true;
	return false;
}

/* --- all packets --- */

static const struct packet packets[] = {
	{"qSupported", on_supported, true},
	{"QStartNoAckMode", on_no_ack, true},
	{"qAttached", on_attached, true},
	{"qfThreadInfo", on_threads, true},
	{"qsThreadInfo", on_more_threads, true},
	{"qXfer:", on_xfer, false},
	{"qRcmd,", on_monitor, false},
	{"qSymbol", on_ok, false},
	{"qC", on_current, true},
	{"QCatchSyscalls:", on_catch, false},
	{"QPassSignals:", on_pass, false},
	{"QProgramSignals:", on_ok, false},
	{"vCont", on_vcont, false},
	{"vFile:", on_file, false},
	{"vKill", on_detach, false},
	{"bc", on_back, true},
	{"bs", on_back, true},
	{"?", on_why, true},
	{"H", on_choose, false},
	{"T", on_alive, false},
	{"g", on_regs, false},
	{"p", on_reg, false},
	{"G", on_write_regs, false},
	{"P", on_write_regs, false},
	{"m", on_read, false},
	{"M", on_write_memory, false},
	{"X", on_write_memory, false},
	{"Z", on_break, false},
	{"z", on_break, false},
	{"c", on_resume, false},
	{"C", on_resume, false},
	{"s", on_resume, false},
	{"S", on_resume, false},
	{"D", on_detach, false},
	{"k", on_kill, true},
	{0},
};

static const struct packet *find(const struct packet *kinds, const char *p)
{
	for (; kinds->start; kinds++) {
		size_t n = strlen(kinds->start);
		if (!strncmp(p, kinds->start, n) && (!kinds->whole || !p[n] || strchr(";:", p[n])))
			return kinds;
	}
	return NULL;
}

/* g, G, p and P may end with ;thread:TID; the task that they are about. */
static int32_t named_task(const struct session *s, const char *p)
{
	const char *at = s->suffix && strchr("gGpP", *p) ? strstr(p, ";thread:") : NULL;
	int64_t pid, tid;
	at = at ? at + strlen(";thread:") : NULL;
	return at && get_thread(&at, &pid, &tid) && tid > 0 ? (int32_t)tid : s->general;
}

bool session_answer(struct session *s)
{
	const char *p = (const char *)s->in.data;
	const struct packet *kind = find(packets, p);
	int32_t general = s->general, named = named_task(s, p);
	s->out.len = 0;
	if (!kind)
		kind = find(lldb_packets, p);
	if (!kind)
		return true; /* empty: not known */
	s->general = named;
	bool answers = kind->answer(s, p);
	if (named != general)
		s->general = general;
	return answers;
}

/* --- */

/* What was recorded is shown once. What the user has called (event 0) is shown in any case. */
static void show(void *ctx, const struct written *w)
{
	struct session *s = ctx;
	if (w->event && w->begins)
		s->showing = !s->opt->quiet && w->event > s->shown;
	if (w->event && !s->showing)
		return;
	console_write(&s->console, w);
	if (w->event)
		s->shown = w->event;
}

static void progress(void *ctx, const char *what, unsigned part)
{
	struct session *s = ctx;
	console_progress(&s->console, what, part);
}

/* What a diversion says of itself. */
static void note(void *ctx, const char *text)
{
	struct session *s = ctx;
	struct buf line = {0};
	put_fmt(&line, "[%s]\n", text);
	wire_print(&s->wire, line.data, line.len);
	buf_free(&line);
}

static bool refuse_long(struct session *s)
{
	s->out.len = 0;
	return reply(s, "E.the packet is too long");
}

static void serve(struct session *s)
{
	while (!s->ended && !s->wire.gone) {
		enum wire_event got = wire_get(&s->wire, &s->in);
		if (got == WIRE_GONE)
			return;
		session_typed_interrupt(s); /* what was typed before does not concern this request */
		bool answers = got == WIRE_LONG ? refuse_long(s) : got == WIRE_PACKET && session_answer(s);
		console_clear(&s->console);
		if (answers)
			wire_put(&s->wire, &s->out);
	}
}

struct session *server_begin(const struct server_options *opt)
{
	struct session *s = xcalloc(1, sizeof(*s));
	struct timeline_options o = {
		.replay = {.dir = opt->dir,
			   .output = show,
			   .note = note,
			   .interrupted = session_interrupted,
			   .ctx = s,
			   .process = opt->process},
		.checkpoint_bytes = opt->checkpoint_bytes,
		.progress = progress,
		.gone = session_gone,
	};
	s->opt = opt;
	s->console = (struct console){.mark = opt->mark, .progress = opt->progress};
	s->wire.fd = -1;
	for (size_t i = 0; i < ARRAY_LEN(s->files); i++)
		s->files[i] = -1;
	s->tl = timeline_open(&o);
	if (s->tl) {
		s->r = timeline_replay(s->tl);
		replay_condition(s->r, breaks_stop, s);
	}
	if (!s->tl || session_begin(s) || (opt->position && session_start_at(s, opt->position))) {
		server_end(s);
		return NULL;
	}
	console_clear(&s->console);
	return s;
}

bool server_local_files(struct session *s)
{
	s->local_files = libraries_same(s);
	return s->local_files;
}

void server_run(struct session *s, int fd)
{
	s->wire.fd = fd;
	serve(s);
}

void server_end(struct session *s)
{
	for (size_t i = 0; i < ARRAY_LEN(s->files); i++) {
		if (s->files[i] >= 0)
			close(s->files[i]);
	}
	if (s->tl)
		timeline_close(s->tl);
	breaks_free(s);
	libraries_free(s);
	VEC_FREE(&s->procs);
	VEC_FREE(&s->resumed.tgids);
	buf_free(&s->in);
	buf_free(&s->out);
	buf_free(&s->xfer);
	free(s);
}
