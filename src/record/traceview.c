/* Registers and memory of a stopped tracee as its tracer sees and sets them: the program's addresses, and its
 * own bytes of code. What the tracer changes goes on record as an event of the tracee. */
#include "record/sigstate.h"
#include "record/traced.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "rewrite/sites.h"
#include "trace/store.h"

/* --- registers --- */

int traceview_regs(const struct rtask *t, regs_t *r)
{
	const placed_list *l = &t->mm->images;
	if (pt_getregs(t->tid, r))
		return -ESRCH;
	r->rip = placed_to_app(l, r->rip);
	r->rcx = placed_to_app(l, r->rcx);
	r->orig_rax = (uint64_t)t->traced->nr;
	return 0;
}

/* With what registers the program goes on: the kernel makes an interrupted call again, and one that is about
 * to begin has not begun for replay (EV_STOP). */
static regs_t goes_on_with(const struct traced *tr, regs_t r)
{
	int64_t result = (int64_t)r.rax;
	if (tr->place == TRACED_CALL_START) {
		r.rip -= 2;
		r.rax = r.orig_rax;
	} else if ((int64_t)r.orig_rax >= 0 && result >= RESULT_RESTART_FIRST &&
		   result <= RESULT_RESTART_LAST) {
		r.rip -= 2;
		r.rax = result == RESULT_RESTART_FIRST ? SYS_restart_syscall : r.orig_rax;
	}
	r.orig_rax = (uint64_t)-1;
	return r;
}

/* A task that has not come to the end of its call has its registers on record there. */
static bool is_recorded_later(const struct traced *tr)
{
	return tr->place == TRACED_IN_CALL || tr->place == TRACED_EXITING;
}

int traceview_set_regs(struct recorder *s, struct rtask *t, const regs_t *r)
{
	const struct traced *tr = t->traced;
	regs_t have, view, now = *r;
	if (pt_getregs(t->tid, &have) || traceview_regs(t, &view))
		return -ESRCH;
	now.rip = r->rip == view.rip ? have.rip : placed_to_stub(&t->mm->images, &t->mm->space, r->rip);
	now.rcx = r->rcx == view.rcx ? have.rcx : r->rcx;
	now.orig_rax = r->orig_rax == view.orig_rax ? have.orig_rax : r->orig_rax;
	int rc = pt_setregs(t->tid, &now);
	if (rc || pt_getregs(t->tid, &now))
		return rc ? rc : -ESRCH;
	t->traced->nr = (int64_t)r->orig_rax;
	if (is_recorded_later(tr) || (tr->place == TRACED_CALL_START && (int64_t)now.orig_rax < 0))
		return 0;
	now = goes_on_with(tr, now);
	log_begin(s, t, EV_MEM, 0);
	log_regs(s, &now);
	log_put(s);
	return 0;
}

void traceview_log_xstate(struct recorder *s, struct rtask *t)
{
	uint8_t xstate[XSTATE_MAX];
	ssize_t n = pt_xstate(t->tid, xstate, sizeof(xstate));
	if (n <= 0)
		return;
	log_begin(s, t, EV_MEM, 0);
	s->ev.flags |= EVF_XSTATE;
	s->ev.xstate = xstate;
	s->ev.xstate_len = (size_t)n;
	log_put(s);
}

/* --- memory --- */

/* What the file that the program mapped holds for `addr`; false: it cannot be read. */
static bool file_bytes(struct recorder *s, const struct mapping *m, bool image, uint64_t addr, uint8_t *out,
		       size_t len)
{
	const struct kernel_mapping *k = &m->recorded;
	bool own = image || !(k->flags & MAPF_IMAGE);
	uint64_t off = (own ? m->content : k->offset) + (addr - k->start);
	int fd = store_open(s->dir, own ? m->hash : m->original, false);
	ssize_t n = fd < 0 ? -1 : pread(fd, out, len, (off_t)off);
	if (fd >= 0)
		close(fd);
	return n == (ssize_t)len;
}

/* Put the program's bytes in the place of what is ours, in at most a page of text. */
static void unpatch(struct recorder *s, const struct rtask *t, const struct mapping *m, uint64_t addr,
		    uint8_t *out, size_t len)
{
	uint8_t ours[4096], orig[4096];
	struct site site;
	bool image = m->recorded.flags & MAPF_IMAGE;
	if (!file_bytes(s, m, false, addr, orig, len) || (image && !file_bytes(s, m, true, addr, ours, len)))
		return;
	for (size_t i = 0; i < len; i++) {
		if (image ? out[i] == ours[i] : planted_at(t->mm, addr + i, &site))
			out[i] = orig[i];
	}
}

/* At most up to the end of a page. */
static size_t read_part(struct recorder *s, struct rtask *t, uint64_t addr, uint8_t *out, size_t len)
{
	const struct mapping *m = space_find(&t->mm->space, addr);
	size_t n = mem_read(t->tid, addr, out, len);
	if (n == len && m && m->source == SRC_FILE && m->recorded.prot & PROT_EXEC)
		unpatch(s, t, m, addr, out, len);
	return n;
}

size_t traceview_read(struct recorder *s, struct rtask *t, uint64_t addr, uint8_t *out, size_t len)
{
	size_t done = 0;
	fetch_show(t, false);
	while (done < len) {
		size_t n = 4096 - ((addr + done) & 4095);
		n = n < len - done ? n : len - done;
		size_t got = read_part(s, t, addr + done, out + done, n);
		done += got;
		if (got < n)
			break;
	}
	fetch_show(t, true);
	return done;
}

/* Text of an instrumented image has its instructions elsewhere, and there are traps of ours: a change of
 * either would not do what the tracer wants. */
static bool can_write(const struct rtask *t, uint64_t addr)
{
	const struct mapping *m = space_find(&t->mm->space, addr);
	struct site site;
	return m && !(m->recorded.flags & (MAPF_IMAGE | MAPF_AREA)) && !planted_at(t->mm, addr, &site);
}

int traceview_write(struct recorder *s, struct rtask *t, uint64_t addr, const uint8_t *data, size_t len)
{
	uint8_t have[8];
	if (len > sizeof(have) || traceview_read(s, t, addr, have, len) != len)
		return -EIO;
	size_t first = 0, end = len;
	while (first < len && have[first] == data[first])
		first++;
	while (end > first && have[end - 1] == data[end - 1])
		end--;
	for (size_t i = first; i < end; i++) {
		if (!can_write(t, addr + i))
			return -EPERM;
	}
	if (first == end)
		return 0;
	int rc = mem_write(t->tid, addr + first, data + first, end - first);
	if (rc)
		return -EIO;
	log_begin(s, t, EV_MEM, 0);
	log_memory(s, t, addr + first, end - first, addr + first);
	log_put(s);
	return 0;
}
