/* Instructions whose results a recording holds: in a diversion they get results of now. */
#include "replay/divert.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "base/err.h"
#include "layout.h"
#include "shared.h"
#include "task/answer.h"

/* --- what they do --- */

/* As recorded, where the program has asked that before. */
static struct cpuid_row cpuid_answer(struct ptask *t, uint32_t leaf, uint32_t sub)
{
	struct cpuid_row rows[CPUID_ROWS];
	uint64_t n = 0;
	mem_read(t->pid, RUNTIME_STATE + offsetof(struct state, cpuids), &n, 8);
	n = n < CPUID_ROWS ? n : CPUID_ROWS;
	n = mem_read(t->pid, RUNTIME_CPUID_TABLE, rows, n * sizeof(*rows)) / sizeof(*rows);
	for (uint64_t i = 0; i < n; i++) {
		if (rows[i].leaf == leaf && (rows[i].sub == sub || rows[i].sub == UINT32_MAX))
			return rows[i];
	}
	return answer_cpuid(leaf, sub);
}

static void do_cpuid(struct ptask *t, regs_t *r)
{
	struct cpuid_row row = cpuid_answer(t, (uint32_t)r->rax, (uint32_t)r->rcx);
	r->rax = row.a;
	r->rbx = row.b;
	r->rcx = row.c;
	r->rdx = row.d;
}

/* --- which one it is --- */

/* Do what the instruction at rip does, whose bytes are `code`. Its length; 0: it is none of these. */
static unsigned execute(struct ptask *t, regs_t *r, const uint8_t code[8])
{
	unsigned i = 0, rex = 0;
	bool word = false;
	while (code[i] == 0x66 || code[i] == 0xf3)
		word |= code[i++] == 0x66;
	if ((code[i] & 0xf0) == 0x40)
		rex = code[i++];
	const uint8_t *op = code + i;
	if (i > 4 || op[0] != 0x0f)
		return 0;
	if (op[1] == 0xa2) {
		do_cpuid(t, r);
		return i + 2;
	}
	if (op[1] == 0x31 || (op[1] == 0x01 && op[2] == 0xf9)) {
		answer_tsc(r, op[1] == 0x01, 0);
		return i + (op[1] == 0x31 ? 2 : 3);
	}
	if (op[1] == 0xc7 && op[2] >= 0xf0) { /* rdrand, rdseed */
		answer_random(r, (op[2] & 7) | (rex & 1) << 3, rex & 8 ? 8 : word ? 2 : 4);
		return i + 3;
	}
	return 0;
}

/* The traps of the runtime (runtime/calls.S), where a row of cpuid or a record of rdtsc is missing: what comes
 * behind them goes on. */
static bool asked_by_runtime(struct ptask *t, regs_t *r)
{
	if (r->rip - 1 == RUNTIME_BASE + RUNTIME_CPUID_TRAP)
		do_cpuid(t, r);
	else if (r->rip - 1 == RUNTIME_BASE + RUNTIME_TSC_TRAP)
		answer_tsc(r, true, 0);
	else
		return false;
	return true;
}

int divert_insn(struct replay *s, struct ptask *t, int sig, const siginfo_t *si)
{
	uint8_t code[8] = {0};
	regs_t r = t->regs;
	if (si->si_code != SI_KERNEL || (sig != SIGTRAP && sig != SIGSEGV))
		return 0;
	if (sig == SIGTRAP && asked_by_runtime(t, &r))
		return ptask_set_regs(t, &r) ? -1 : 1;
	r.rip -= sig == SIGTRAP; /* an int3 in place of its first byte; else it has trapped by itself */
	replay_read(s, t->tid, r.rip, code, sizeof(code));
	unsigned len = execute(t, &r, code);
	if (!len)
		return 0;
	r.rip += len;
	return ptask_set_regs(t, &r) ? -1 : 1;
}
