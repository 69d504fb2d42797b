/* Calls that the runtime in the tracee handles without a stop (docs/runtime.md): the
 * memory it shares with us, and how what it did gets into the trace. */
#include "record/bufstate.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/buffered.h"
#include "base/err.h"
#include "base/file.h"
#include "rewrite/sites.h"
#include "task/answer.h"
#include "task/blob.h"
#include "task/remote.h"
#include "task/tsc.h"
#include "trace/records.h"

/* --- what all tracees share --- */

static void fill_world(const struct recorder *s, struct world *w)
{
	struct stat st;
	w->generation = 1;
	tsc_scale(&w->tsc_ns, &w->tsc_base, &w->tsc_mult);
	w->tsc_aux = answer_tsc_aux();
	if (!stat("/proc/self/maps", &st))
		w->proc_dev = st.st_dev;
	if (s->cores && !stat("/sys/devices/system/cpu", &st))
		w->sys_dev = st.st_dev;
	for (int i = 0; i < 2; i++) {
		if (!fstat(i + 1, &st)) {
			w->output[i].dev = st.st_dev;
			w->output[i].ino = st.st_ino;
			w->output[i].rdev = st.st_rdev;
		}
	}
}

void buffer_init(struct recorder *s)
{
	s->common_fd = -1;
	int fd = memfd_create("reprise-runtime", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, RUNTIME_COMMON_SIZE)) {
		if (fd >= 0)
			close(fd);
		return;
	}
	uint8_t *p = mmap(NULL, RUNTIME_COMMON_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED) {
		close(fd);
		return;
	}
	memcpy(p, blob_code(), blob_code_size());
	abi_call_rows((struct call_row *)(p + RUNTIME_TABLE - RUNTIME_BASE),
		      RUNTIME_TABLE_SIZE / sizeof(struct call_row));
	s->world = (struct world *)(p + RUNTIME_WORLD - RUNTIME_BASE);
	fill_world(s, s->world);
	answer_xsave_layout(&s->xsave);
	s->common_fd = fd;
}

/* --- the pages of one address space --- */

static struct pages *pages_make(void)
{
	int fd = memfd_create("reprise-buffer", MFD_CLOEXEC);
	uint8_t *p = MAP_FAILED;
	if (fd >= 0 && !ftruncate(fd, RUNTIME_DATA_SIZE))
		p = mmap(NULL, RUNTIME_DATA_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	struct pages *b = xcalloc(1, sizeof(*b));
	b->fd = fd;
	b->base = p;
	b->st = (struct state *)(p + RUNTIME_STATE - RUNTIME_DATA);
	return b;
}

static struct pages *pages_get(struct recorder *s)
{
	struct pages *b = s->spare_bufs;
	if (b)
		s->spare_bufs = b->next;
	else
		b = pages_make();
	return b;
}

static size_t fd_path(int fd, char *out, size_t cap)
{
	return (size_t)snprintf(out, cap, "/proc/%d/fd/%d", getpid(), fd) + 1;
}

/* A table of what cpuid answers: all that anybody has asked so far. */
static void fill_cpuids(struct recorder *s, struct pages *b)
{
	struct cpuid_row *row = (struct cpuid_row *)AT(b, RUNTIME_CPUID_TABLE);
	uint64_t n = b->st->cpuids = s->cpuids.n < CPUID_ROWS ? s->cpuids.n : CPUID_ROWS;
	event_chunk(&s->ev, CH_OUT, RUNTIME_STATE + offsetof(struct state, cpuids), &b->st->cpuids, 8);
	if (!n)
		return;
	memcpy(row, s->cpuids.at, n * sizeof(*row));
	event_chunk(&s->ev, CH_OUT, RUNTIME_CPUID_TABLE, row, n * sizeof(*row));
}

static void fill_xsave(struct recorder *s, struct pages *b)
{
	struct xsave_layout *l = (struct xsave_layout *)AT(b, RUNTIME_XSAVE);
	*l = s->xsave;
	event_chunk(&s->ev, CH_OUT, RUNTIME_XSAVE, l, sizeof(*l));
}

static void pages_new_program(struct recorder *s, struct rtask *t, struct pages *b)
{
	memset(b->st, 0, sizeof(*b->st));
	memset(AT(b, RUNTIME_FDS), 0, FDS_MAX * 4);
	b->st->mode = MODE_RECORD;
	fill_cpuids(s, b);
	fill_xsave(s, b);
	safepoint_new_program(s);
	t->mm->buf = b;
	t->mm->fd_proc = t->proc;
	t->proc->ignored_known = false;
}

static int map_anonymous(struct rtask *t, uint64_t ip, uint64_t addr, uint64_t size, uint64_t prot)
{
	struct remote_call c = {SYS_mmap,
				{addr, size, prot,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE,
				 (uint64_t)-1, 0},
				0};
	int rc = remote_at(t->tid, ip, &c);
	if (rc)
		return rc;
	return c.result == (int64_t)addr ? 0 : c.result < 0 ? (int)c.result : -EEXIST;
}

/* The task cannot have what we offer (its descriptors are used up, for one): private pages, in which the hook
 * sends every call to the bail path. */
static int bare_data(struct rtask *t, uint64_t ip)
{
	return map_anonymous(t, ip, RUNTIME_DATA, RUNTIME_DATA_SIZE, PROT_READ | PROT_WRITE);
}

static int bare(struct rtask *t, uint64_t ip)
{
	int rc = map_anonymous(t, ip, RUNTIME_BASE, RUNTIME_COMMON_SIZE, PROT_READ | PROT_EXEC);
	if (!rc)
		rc = bare_data(t, ip);
	return rc ? rc : mem_write(t->tid, RUNTIME_BASE, blob_code(), blob_code_size());
}

/* Open `fd` of ours for reading in a new program: its descriptor there, or -errno. */
static int open_there(struct rtask *t, uint64_t ip, uint64_t room, int fd)
{
	char path[64] = "", own[64];
	size_t n = fd_path(fd, path, sizeof(path));
	struct remote_call c = {SYS_openat, {(uint64_t)AT_FDCWD, room, O_RDONLY | O_CLOEXEC}, 0};
	t->mm->hidden = handover_other_pids(t);
	if (!t->mm->hidden) {
		int rc = mem_write(t->tid, room, path, n);
		if (!rc)
			rc = remote_at(t->tid, ip, &c);
		if (rc || !handover_failed(t, &c))
			return rc ? rc : (int)c.result;
	}
	snprintf(own, sizeof(own), "/proc/self/fd/%d", fd);
	int ours = open(own, O_RDONLY | O_CLOEXEC);
	int theirs = ours < 0 ? -errno : handover(t, ip, ours);
	if (ours >= 0)
		close(ours);
	return theirs;
}

/* The common pages; the descriptor they came from stays open for now. */
static int map_common(struct recorder *s, struct rtask *t, uint64_t ip, uint64_t room, int *fd)
{
	int theirs = open_there(t, ip, room, s->common_fd);
	if (theirs < 0)
		return theirs;
	*fd = theirs;
	struct remote_call map = {SYS_mmap,
				  {RUNTIME_BASE, RUNTIME_COMMON_SIZE, PROT_READ | PROT_EXEC,
				   MAP_SHARED | MAP_FIXED_NOREPLACE, (uint64_t)theirs, 0},
				  0};
	int rc = remote_at(t->tid, ip, &map);
	return rc ? rc : map.result == RUNTIME_BASE ? 0 : map.result < 0 ? (int)map.result : -EEXIST;
}

/* Map the pages `b` in a task that has the runtime's code: at exec with `ip`, a `syscall` of the program,
 * and `close_fd` to be closed. 0 or -errno. */
static int map_data(struct rtask *t, const struct pages *b, uint64_t ip, uint64_t room, int close_fd)
{
	char path[64];
	int theirs = -1, rc;
	if (t->mm->hidden) {
		theirs = handover(t, ip, b->fd);
		rc = theirs < 0 ? theirs : 0;
		room = 0;
	} else {
		size_t n = fd_path(b->fd, path, sizeof(path));
		rc = mem_write(t->tid, room, path, n);
	}
	return rc ? rc : remote_boot(t->tid, room, theirs, close_fd, !ip);
}

int buffer_exec(struct recorder *s, struct rtask *t, uint64_t at, uint64_t room)
{
	int fd = -1, rc = s->common_fd < 0 ? -ENOSYS : map_common(s, t, at, room, &fd);
	if (rc == -ESRCH || rc == -EEXIST)
		return rc;
	if (rc && fd >= 0) {
		struct remote_call c = {SYS_close, {(uint64_t)fd}, 0};
		remote_at(t->tid, at, &c);
	}
	if (rc)
		return bare(t, at);
	struct pages *b = pages_get(s);
	if (b) {
		rc = map_data(t, b, at, room, fd);
		if (!rc)
			pages_new_program(s, t, b);
		else
			buffer_pages_put(s, b);
	}
	if (!b || (rc && rc != -ESRCH && rc != -EEXIST))
		rc = bare_data(t, at);
	return rc;
}

void buffer_fork(struct recorder *s, struct rtask *parent, struct rtask *child)
{
	struct pages *from = parent->mm->buf, *b = from ? pages_get(s) : NULL;
	if (!from)
		return;
	int rc = -ENOMEM;
	if (b) {
		memcpy(b->st, from->st, sizeof(*b->st));
		memcpy(AT(b, RUNTIME_CPUID_TABLE), AT(from, RUNTIME_CPUID_TABLE),
		       RUNTIME_FDS - RUNTIME_CPUID_TABLE); /* and RUNTIME_XSAVE */
		memcpy(AT(b, RUNTIME_FDS), AT(from, RUNTIME_FDS), FDS_MAX * 4);
		b->st->used = 0;
		b->st->fds_off = 0;
		child->mm->hidden = parent->mm->hidden || handover_other_pids(child);
		rc = map_data(child, b, 0, RUNTIME_SPARE, -1);
		if (rc == -ENOENT || rc == -EACCES || rc == -EPERM) {
			child->mm->hidden = true;
			rc = map_data(child, b, 0, RUNTIME_SPARE, -1);
		}
	}
	if (!rc) {
		child->mm->buf = b;
		child->mm->fd_proc = child->proc;
		child->mm->fds_shared = parent->mm->fds_shared || parent->proc != parent->mm->fd_proc;
		return;
	}
	if (b)
		buffer_pages_put(s, b);
	/* It must not share its parent's pages. */
	remote_one(child->tid, REMOTE_RECORD, SYS_mmap, RUNTIME_DATA, RUNTIME_DATA_SIZE,
		   PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED,
		   (uint64_t)-1, 0);
	/* What stubs use: the table of cpuid results, which replay's child has too, and the layout of xsave.
	 */
	mem_write(child->tid, RUNTIME_STATE + offsetof(struct state, cpuids), &from->st->cpuids, 8);
	mem_write(child->tid, RUNTIME_CPUID_TABLE, AT(from, RUNTIME_CPUID_TABLE),
		  RUNTIME_FDS - RUNTIME_CPUID_TABLE);
	safepoint_never(child);
}

/* --- while it runs --- */

struct action buffer_unwind(struct rtask *t)
{
	regs_t r;
	struct hook_frame f;
	uint64_t rsp;
	if (pt_getregs(t->tid, &r) ||
	    mem_read(t->tid, RUNTIME_STACK_TOP - sizeof(f), &f, sizeof(f)) != sizeof(f) ||
	    mem_read(t->tid, RUNTIME_STATE + offsetof(struct state, rsp), &rsp, 8) != 8)
		return act(ACT_GONE);
	r.rax = f.rax, r.rdi = f.rdi, r.rsi = f.rsi, r.rdx = f.rdx;
	r.r10 = f.r10, r.r8 = f.r8, r.r9 = f.r9, r.rbx = f.rbx, r.rbp = f.rbp;
	r.r12 = f.r12, r.r13 = f.r13, r.r14 = f.r14, r.r15 = f.r15;
	r.rcx = r.rip = f.bail;
	r.eflags = f.flags;
	r.rsp = rsp;
	r.orig_rax = (uint64_t)-1;
	if (t->mm->buf)
		t->mm->buf->st->busy = 0;
	return act_unless(pt_setregs(t->tid, &r), act_user());
}
