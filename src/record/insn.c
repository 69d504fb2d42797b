/* Instructions whose results are recorded trap on a breakpoint that memory_plant_sites put there
 * (rdtsc, rdtscp, rdrand, rdseed, and cpuid where the CPU cannot fault on it), or in the runtime. In
 * code that no file holds rdtsc and rdtscp trap because the tasks run with PR_TSC_SIGSEGV; some
 * virtual machines (pvm) ignore that, and such code then gets a time that is not on record. */
#include "record/session.h"

#include <cpuid.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "rewrite/sites.h"
#include "task/answer.h"

/* In a virtual machine each cpuid is a trap of its own, of many microseconds, and every
 * program start asks some fifty times: ask once. All tasks run on the CPU that we run
 * on, so the answers that tell the CPU stay true. */
static void do_cpuid(struct recorder *s, regs_t *r)
{
	uint32_t leaf = (uint32_t)r->rax, sub = answer_has_subleaves(leaf) ? (uint32_t)r->rcx : UINT32_MAX;
	size_t i = 0;
	while (i < s->cpuids.n && (s->cpuids.at[i].leaf != leaf || s->cpuids.at[i].sub != sub))
		i++;
	if (i == s->cpuids.n)
		*VEC_PUSH(&s->cpuids) = answer_cpuid(leaf, (uint32_t)r->rcx);
	r->rax = s->cpuids.at[i].a;
	r->rbx = s->cpuids.at[i].b;
	r->rcx = s->cpuids.at[i].c;
	r->rdx = s->cpuids.at[i].d;
}

static struct action trapped(struct recorder *s, struct rtask *t, regs_t *r, int kind, unsigned len,
			     const struct site *site)
{
	uint64_t at = r->rip;
	signal_undo_force(t, site ? SIGTRAP : SIGSEGV);
	switch (kind) {
	case INSN_RDTSC:
	case INSN_RDTSCP:
		answer_tsc(r, kind == INSN_RDTSCP, answer_tsc_aux());
		break;
	case INSN_CPUID:
		do_cpuid(s, r);
		break;
	default:
		answer_random(r, site->reg, site->size);
	}
	r->rip += len;
	log_begin(s, t, EV_INSN, kind)->arg[0] = (int64_t)at;
	log_regs(s, r);
	log_put(s);
	s->stats.insns++;
	return act_unless(pt_setregs(t->tid, r), act_user());
}

/* The program came to bytes that a jump of ours covers (rewrite/image.c): by a return
 * from a handler, or a branch that the analysis did not see. */
static struct action go_on_in_stub(struct rtask *t, regs_t *r, int sig, uint64_t stub)
{
	signal_undo_force(t, sig);
	r->rip = stub;
	return act_unless(pt_setregs(t->tid, r), act_user());
}

struct action insn_site(struct recorder *s, struct rtask *t, regs_t *r, const struct site *site)
{
	static const uint8_t kinds[] = {[SITE_CPUID] = INSN_CPUID,
					[SITE_RDRAND] = INSN_RDRAND,
					[SITE_RDSEED] = INSN_RDSEED,
					[SITE_RDTSC] = INSN_RDTSC,
					[SITE_RDTSCP] = INSN_RDTSCP};
	return trapped(s, t, r, kinds[site->kind], site->len, site);
}

static struct action planted(struct recorder *s, struct rtask *t, regs_t *r)
{
	struct site site;
	bool here = planted_at(t->mm, r->rip - 1, &site);
	uint64_t stub = placed_to_stub(&t->mm->images, &t->mm->space, r->rip - 1);
	struct action a = safepoint_trap(s, t, r);
	if (a.what)
		return a;
	if (!here && stub != r->rip - 1)
		return go_on_in_stub(t, r, SIGTRAP, stub);
	if (!here)
		return act(ACT_NOT_MINE);
	r->rip--;
	return insn_site(s, t, r, &site);
}

struct action insn_emulate(struct recorder *s, struct rtask *t, int sig, const siginfo_t *si)
{
	regs_t r;
	uint8_t op[3] = {0};
	if (sig == SIGILL && si->si_code > 0 && !pt_getregs(t->tid, &r)) {
		uint64_t stub = placed_to_stub(&t->mm->images, &t->mm->space, r.rip);
		return stub == r.rip ? act(ACT_NOT_MINE) : go_on_in_stub(t, &r, sig, stub);
	}
	if ((sig != SIGSEGV && sig != SIGTRAP) || si->si_code != SI_KERNEL || pt_getregs(t->tid, &r))
		return act(ACT_NOT_MINE);
	if (sig == SIGTRAP)
		return planted(s, t, &r);
	mem_read(t->tid, r.rip, op, sizeof(op));
	if (op[0] == 0x0f && op[1] == 0x31)
		return trapped(s, t, &r, INSN_RDTSC, 2, NULL);
	if (op[0] == 0x0f && op[1] == 0x01 && op[2] == 0xf9)
		return trapped(s, t, &r, INSN_RDTSCP, 3, NULL);
	if (s->cpuid_faults && op[0] == 0x0f && op[1] == 0xa2)
		return trapped(s, t, &r, INSN_CPUID, 2, NULL);
	return act(ACT_NOT_MINE);
}
