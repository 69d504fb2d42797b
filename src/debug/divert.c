/* What the client changes: writes to registers and memory, and functions of the program that it calls. Both
 * happen in a diversion (replay/divert.h), which is thrown away when the client goes on in the recording. */
#include "debug/session.h"

#include <string.h>

#include "base/err.h"
#include "debug/regs.h"

static bool reply(struct session *s, const char *text)
{
	put_text(&s->out, text);
	return true;
}

/* A diversion may have begun. */
static void note_begin(struct session *s, bool was)
{
	if (was || !replay_diverted(s->r))
		return;
	s->diverted = s->stop;
	s->wrote = false;
	s->stood = 0;
}

/* --- writes --- */

/* P NUMBER=VALUE */
static int write_one(struct session *s, const char *p)
{
	uint8_t value[64];
	uint64_t n;
	if (!get_num(&p, &n) || !get_char(&p, '='))
		return -1;
	size_t len = get_hex(&p, value, sizeof(value));
	return len ? regs_write(s->r, s->general, (unsigned)n, value, len) : -1;
}

/* G VALUES */
static int write_all(struct session *s, const char *p)
{
	uint8_t values[4096];
	size_t len = get_hex(&p, values, sizeof(values));
	return len ? regs_write(s->r, s->general, 0, values, len) : -1;
}

bool on_write_regs(struct session *s, const char *p)
{
	bool was = replay_diverted(s->r);
	int rc = *p == 'P' ? write_one(s, p + 1) : write_all(s, p + 1);
	note_begin(s, was);
	if (replay_elsewhere(s->r, s->general) == s->general)
		s->caller = s->general;
	return reply(s, rc ? "E01" : "OK");
}

static bool same_memory(struct session *s, uint64_t addr, const uint8_t *bytes, size_t len)
{
	static uint8_t now[PACKET_MAX];
	return replay_read(s->r, s->general, addr, now, len) == len && !memcmp(now, bytes, len);
}

static const char *write_memory(struct session *s, uint64_t addr, const uint8_t *bytes, size_t len)
{
	bool was = replay_diverted(s->r);
	if (!len || same_memory(s, addr, bytes, len))
		return "OK";
	if (replay_mapped_until(s->r, s->general, addr) <= addr || replay_divert(s->r))
		return "E14";
	note_begin(s, was);
	s->wrote = true;
	return replay_write(s->r, s->general, addr, bytes, len) == len ? "OK" : "E14";
}

/* M ADDR,LEN:HEX, or X ADDR,LEN:BYTES */
bool on_write_memory(struct session *s, const char *p)
{
	static uint8_t bytes[PACKET_MAX];
	bool binary = *p++ == 'X';
	uint64_t addr, len;
	if (!get_num(&p, &addr) || !get_char(&p, ',') || !get_num(&p, &len) || !get_char(&p, ':'))
		return reply(s, "E01");
	size_t left = s->in.len - (size_t)(p - (const char *)s->in.data);
	size_t got = binary ? left : get_hex(&p, bytes, sizeof(bytes));
	if (binary && left <= sizeof(bytes))
		memcpy(bytes, p, left);
	if (got != len || got > sizeof(bytes))
		return reply(s, "E01");
	return reply(s, write_memory(s, addr, bytes, len));
}

/* --- going on --- */

void divert_leave(struct session *s)
{
	struct task_view v;
	replay_rejoin(s->r);
	if (!replay_task_view(s->r, s->general, &v))
		procs_choose(s, s->stop.tid);
}

static void tell(struct session *s, const char *text)
{
	wire_print(&s->wire, text, strlen(text));
}

/* Throw away what the client still believes to be there, and say so. */
static void leave_telling(struct session *s)
{
	regs_t now = {0}, was = {0};
	bool elsewhere = replay_elsewhere(s->r, s->general);
	replay_regs(s->r, s->general, &now);
	divert_leave(s);
	replay_regs(s->r, s->general, &was);
	now.orig_rax = was.orig_rax;
	if (elsewhere)
		tell(s, "[back in the recording: what ran outside of it is given up]\n");
	else if (s->wrote || memcmp(&now, &was, sizeof(now)))
		tell(s, "[back in the recording: your changes of registers and memory are gone]\n");
}

/* The program has ended, or nobody knows how it would go on: the client is where the call began. */
static enum diverted end_here(struct session *s)
{
	if (s->diverted.why == STOP_FAILED)
		say("%s", s->diverted.text);
	leave_telling(s);
	procs_choose(s, s->stop.tid);
	return DIVERTED_OVER;
}

/* gdb lets another thread step away from a breakpoint (`alone`) before all go on. Nothing but the call runs:
 * it is told that the thread has moved, until it goes on. Who wants to step another thread hears that it
 * cannot. */
static enum diverted stand_still(struct session *s, int32_t tid, bool alone)
{
	regs_t r;
	s->general = tid;
	s->diverted = (struct stop){.why = STOP_STEP, .tid = tid, .tgid = s->tgid};
	if (alone && !replay_regs(s->r, tid, &r)) {
		s->stood = tid;
		s->stood_at = r.rip++;
		if (!replay_set_regs(s->r, tid, &r))
			return DIVERTED_STOPPED;
	}
	tell(s, "[only the thread that makes the call can run]\n");
	s->diverted.why = STOP_PAUSE;
	return DIVERTED_STOPPED;
}

static void put_back(struct session *s)
{
	regs_t r;
	if (s->stood && !replay_regs(s->r, s->stood, &r)) {
		r.rip = s->stood_at;
		replay_set_regs(s->r, s->stood, &r);
	}
	s->stood = 0;
}

enum diverted divert_go(struct session *s, bool back, int32_t step, bool alone, unsigned sig)
{
	int32_t tid;
	if (!replay_diverted(s->r))
		return DIVERTED_NOT;
	put_back(s);
	tid = replay_elsewhere(s->r, s->caller);
	if (back || !tid) {
		leave_telling(s);
		return DIVERTED_NOT;
	}
	if (step && step != tid)
		return stand_still(s, step, alone);
	if (sig && sig != GDB_SIGTRAP && sig != GDB_SIGINT) {
		tell(s, "[no signal is delivered outside of the recording]\n");
		return end_here(s);
	}
	s->caller = tid;
	s->wrote = false;
	s->prints = true;
	replay_run_diverted(s->r, tid, step, &s->diverted);
	s->prints = false;
	s->wire.broken_in = false;
	s->general = s->diverted.tid;
	return s->diverted.why >= STOP_END ? end_here(s) : DIVERTED_STOPPED;
}

const struct stop *divert_stop(struct session *s)
{
	return replay_diverted(s->r) ? &s->diverted : &s->stop;
}
