/* What the program sees of itself: its addresses, its code, none of what is ours. */
#include "replay/divert.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/err.h"
#include "base/file.h"
#include "layout.h"
#include "shared.h"
#include "task/checksum.h"

#define STACK_MOST (1ull << 30) /* no stack grows further */

static struct ptask *task_of(struct replay *s, int32_t tid)
{
	struct ptask *t = replay_task(s, tid);
	if (!t)
		err_set("there is no task %d here", tid);
	return t;
}

/* --- registers --- */

/* A signal comes before the call that the task is about to make, which has not begun then. */
static bool before_call(const struct replay *s, const struct ptask *t)
{
	if (!(s->told & TOLD_SIGNAL) || s->current != t->tid)
		return false;
	/* In a checkpoint that was gone back to, the event is not read yet. */
	return !s->ev || (s->ev->tid == t->tid && s->ev->kind == EV_SIGNAL && s->ev->arg[0] == SIG_AT_ENTRY);
}

/* At the event of a cpuid or rdtsc for which the runtime has asked, the task is in a hook of it
 * (cpuid_trap and tsc_trap in runtime/calls.S), which is about to return to its stub. The program has made the
 * instruction. */
static void leave_insn_hook(struct replay *s, struct ptask *t, regs_t *r)
{
	bool cpuid = r->rip == RUNTIME_BASE + RUNTIME_CPUID_TRAP + 1,
	     tsc = r->rip == RUNTIME_BASE + RUNTIME_TSC_TRAP + 1;
	uint64_t saved[3],
		rsp; /* on the stack of tsc_trap: rcx, flags, return address; of cpuid_trap: the last */
	uint8_t code[3] = {0};
	if ((!cpuid && !tsc) || mem_read(t->pid, r->rsp, saved, sizeof(saved)) != sizeof(saved) ||
	    mem_read(t->pid, RUNTIME_STATE + offsetof(struct state, rsp), &rsp, sizeof(rsp)) != sizeof(rsp))
		return;
	uint64_t app = placed_to_app(&t->mm->images, saved[cpuid ? 0 : 2]);
	replay_read(s, t->tid, app, code, sizeof(code));
	bool rdtscp = code[1] == 0x01; /* 0f 01 f9; cpuid is 0f a2, rdtsc 0f 31 */
	r->rip = app + (rdtscp ? 3 : 2);
	r->rsp = rsp;
	if (tsc)
		r->eflags = saved[1];
	if (tsc && !rdtscp)
		r->rcx = saved[0];
}

int replay_regs(struct replay *s, int32_t tid, regs_t *r)
{
	struct ptask *t = task_of(s, tid);
	if (!t || pt_getregs(t->pid, r))
		return t ? err_set("lost task %d", tid) : -1;
	if (t->at_entry)
		*r = t->regs;
	if (t->caught)
		buffer_regs(t, r);
	leave_insn_hook(s, t, r);
	r->rip = placed_to_app(&t->mm->images, r->rip);
	r->rcx = placed_to_app(&t->mm->images, r->rcx);
	r->eflags &= ~0x10100ull; /* RF and TF are ours */
	if (t->at_entry && before_call(s, t)) {
		r->rip -= 2;
		r->rax = r->orig_rax;
	} else if (t->at_entry) {
		r->rax = (uint64_t)-ENOSYS;
		r->rcx = r->rip;
	} else if (!t->caught) {
		r->orig_rax = (uint64_t)-1;
	}
	return 0;
}

ssize_t replay_xstate(struct replay *s, int32_t tid, void *out, size_t cap)
{
	struct ptask *t = task_of(s, tid);
	ssize_t n = t ? pt_xstate(t->pid, out, cap) : -1;
	return n < 0 ? -1 : n;
}

/* --- memory --- */

/* Where the file's bytes stand in place of what we made of them: text with jumps, traps at instructions. */
static void unpatch(struct replay *s, const struct mapping *m, uint64_t addr, uint8_t *bytes, size_t len)
{
	const struct kernel_mapping *k = &m->recorded;
	uint8_t ours[4096], orig[4096];
	bool image = k->flags & MAPF_IMAGE;
	int fd = play_file(s, image ? m->original : m->hash), im = image ? play_file(s, m->hash) : -1;
	while (len && fd >= 0) {
		size_t n = len < sizeof(orig) ? len : sizeof(orig);
		uint64_t off = addr - k->start;
		ssize_t got = pread_full(fd, orig, n, (image ? k->offset : m->content) + off);
		if (got <= 0 || (image && pread_full(im, ours, n, m->content + off) != (ssize_t)n))
			return;
		for (ssize_t i = 0; i < got; i++) {
			if (image ? bytes[i] == ours[i] : bytes[i] == 0xcc)
				bytes[i] = orig[i];
		}
		addr += n;
		bytes += n;
		len -= n;
	}
}

/* A part of one mapping. */
static size_t read_part(struct replay *s, struct ptask *t, const struct mapping *m, uint64_t addr,
			uint8_t *out, size_t len)
{
	size_t n = mem_read(t->pid, addr, out, len);
	points_mask(t->mm, addr, out, n);
	if (n && m->source == SRC_FILE && m->recorded.prot & PROT_EXEC)
		unpatch(s, m, addr, out, n);
	return n;
}

/* The mapping that holds `addr`; of a stack the part below too that the kernel has added as it grew. */
static const struct mapping *mapping_at(struct ptask *t, uint64_t addr)
{
	const struct mapping *m = space_find(&t->mm->space, addr);
	if (m)
		return m;
	m = space_from(&t->mm->space, addr);
	bool stack = m && m->recorded.flags & MAPF_GROWSDOWN && m->recorded.start - addr < STACK_MOST;
	return stack && maps_grown_start(t->pid, m->recorded.start) <= addr ? m : NULL;
}

uint64_t replay_mapped_until(struct replay *s, int32_t tid, uint64_t addr)
{
	struct ptask *t = task_of(s, tid);
	const struct mapping *m = t ? mapping_at(t, addr) : NULL;
	return m && !(m->recorded.flags & MAPF_AREA) ? m->recorded.end : addr;
}

size_t replay_read(struct replay *s, int32_t tid, uint64_t addr, void *out, size_t len)
{
	struct ptask *t = task_of(s, tid);
	size_t done = 0;
	while (t && done < len) {
		const struct mapping *m = mapping_at(t, addr + done);
		if (!m || m->recorded.flags & MAPF_AREA)
			break;
		size_t n = m->recorded.end - (addr + done);
		n = n < len - done ? n : len - done;
		size_t got = read_part(s, t, m, addr + done, (uint8_t *)out + done, n);
		done += got;
		if (got < n)
			break;
	}
	return done;
}

const struct space *replay_space(struct replay *s, int32_t tid)
{
	struct ptask *t = task_of(s, tid);
	return t ? &t->mm->space : NULL;
}

/* A page of text that is the task's own only because int3 have been there, and shows the file's bytes again.
 */
static bool is_no_data(struct replay *s, struct ptask *t, uint64_t page)
{
	uint8_t have[4096], file[4096];
	const struct mapping *m = space_find(&t->mm->space, page);
	if (m && m->recorded.flags & MAPF_AREA)
		return true;
	if (!m || m->source != SRC_FILE || !(m->recorded.prot & PROT_EXEC))
		return false;
	int fd = play_file(s, m->hash);
	off_t off = (off_t)(m->content + (page - m->recorded.start));
	ssize_t n = fd >= 0 ? pread_full(fd, file, sizeof(file), off) : -1;
	return n > 0 && mem_read(t->pid, page, have, (size_t)n) == (size_t)n &&
	       !memcmp(have, file, (size_t)n);
}

int replay_sum(struct replay *s, int32_t tid, uint64_t *sum)
{
	struct ptask *t = s->dv ? hmap_get(&s->dv->recorded.tasks, (uint32_t)tid) : task_of(s, tid);
	page_sums sums = {0};
	uint64_t h = 0;
	if (!t)
		return -1;
	points_lift(t);
	int rc = checksum_space(t->pid, &t->mm->space, &sums);
	for (size_t i = 0; !rc && i < sums.n; i++) {
		uint64_t pair[2] = {sums.at[i].addr, sums.at[i].sum};
		if (is_no_data(s, t, sums.at[i].addr))
			continue;
		h = XXH64(pair, sizeof(pair), h);
	}
	*sum = h;
	VEC_FREE(&sums);
	return rc ? err_sys(-rc, "cannot read the memory of task %d", tid) : 0;
}

/* --- tasks --- */

static struct task_view view_of(const struct ptask *t)
{
	return (struct task_view){.tid = t->tid,
				  .tgid = t->proc->tgid,
				  .in_call = t->at_entry,
				  .dead = t->dead,
				  .exe = t->proc->exe,
				  .auxv = t->proc->auxv,
				  .auxv_len = t->proc->auxv_len};
}

bool replay_tasks(struct replay *s, size_t *i, struct task_view *out)
{
	struct ptask *t = hmap_next(&s->tasks, i);
	if (t)
		*out = view_of(t);
	return t;
}

bool replay_task_view(struct replay *s, int32_t tid, struct task_view *out)
{
	struct ptask *t = replay_task(s, tid);
	if (t)
		*out = view_of(t);
	return t;
}

/* --- files of the trace --- */

static const struct mapping *file_named(const struct ptask *t, const char *name, bool any_folder)
{
	const struct mapping *m;
	const char *last = strrchr(name, '/');
	for (m = space_first(&t->mm->space); m; m = space_next(&t->mm->space, m)) {
		const char *is = strrchr(m->recorded.name, '/');
		if (m->source == SRC_FILE && is &&
		    !strcmp(any_folder ? is : m->recorded.name, any_folder ? last : name))
			return m;
	}
	return NULL;
}

/* Mappings have names without symbolic links; programs and clients use others (/lib for /usr/lib). */
int replay_file(struct replay *s, int32_t tid, const char *name)
{
	struct ptask *t = task_of(s, tid);
	const struct mapping *m = t ? file_named(t, name, false) : NULL;
	if (t && !m && strchr(name, '/'))
		m = file_named(t, name, true);
	if (m)
		return dup(play_file(s, m->original[0] ? m->original : m->hash));
	errno = ENOENT;
	return -1;
}
