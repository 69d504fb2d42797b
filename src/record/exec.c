/* A new program: describe its address space to the trace, so that replay needs
 * neither the executable nor the kernel's way of loading it. */
#include "record/session.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "record/kept.h"
#include "base/err.h"
#include "base/file.h"
#include "layout.h"
#include "rewrite/sites.h"
#include "task/blob.h"
#include "task/checksum.h"
#include "task/remote.h"
#include "task/vdso.h"

#define PAGE 4096ull

/* The file behind a mapping; the next mapping often is of the same one. */
struct found {
	uint64_t dev, ino; /* as in /proc/PID/maps */
	struct stat st;
	char path[PATH_MAX];
	bool lasts; /* the path stays good */
};

static struct mapping *by_name(struct space *sp, const char *name)
{
	struct mapping *m = space_first(sp);
	while (m && strcmp(m->recorded.name, name))
		m = space_next(sp, m);
	return m;
}

/* 64 bytes that are free for now: of the page below the stack pointer, which are zero and
 * cheap to write, else the end of the vdso, whose changed image is written later. */
static uint64_t free_room(const regs_t *r, const struct mapping *vdso, bool *on_stack)
{
	*on_stack = (r->rsp & (PAGE - 1)) >= 256;
	return *on_stack ? (r->rsp & ~(PAGE - 1)) + 64 : vdso->recorded.end - 64;
}

/* Put the runtime into the new program, through a `syscall` of its vdso. */
static int plant_runtime(struct recorder *s, struct rtask *t, const struct mapping *vdso, const regs_t *r,
			 const uint8_t *image)
{
	static const uint8_t zero[64];
	uint64_t size = vdso->recorded.end - vdso->recorded.start;
	uint64_t at = vdso_find_syscall(image, size);
	bool on_stack;
	uint64_t room = free_room(r, vdso, &on_stack);
	if (!at)
		return -ENOEXEC;
	int rc = buffer_exec(s, t, vdso->recorded.start + at, room);
	if (!rc && !on_stack)
		rc = mem_write(t->tid, room, image + size - sizeof(zero), sizeof(zero));
	if (!rc && on_stack)
		rc = mem_write(t->tid, room, zero, sizeof(zero));
	if (!rc && s->cpuid_faults)
		rc = (int)remote_one(t->tid, REMOTE_RECORD, SYS_arch_prctl, 0x1012, 0, 0, 0, 0, 0);
	/* Where the runtime asks for a cpuid result that is not in its table, and for a time stamp. */
	static const struct site ask = {.kind = SITE_CPUID, .len = 1},
				 ask_tsc = {.kind = SITE_RDTSCP, .len = 1};
	planted_add(t->mm, RUNTIME_BASE + RUNTIME_CPUID_TRAP, &ask);
	planted_add(t->mm, RUNTIME_BASE + RUNTIME_TSC_TRAP, &ask_tsc);
	return rc;
}

/* Where the file behind a mapping can be opened: as the executable, or by name, if that is
 * the same file; else by the kernel's own link, which is good only until an image takes
 * the mapping's place. 0 or -1. */
static int find_mapped(struct rtask *t, const struct kernel_mapping *k, struct found *f)
{
	if (f->lasts && f->ino == k->ino && f->dev == k->dev)
		return 0;
	f->ino = k->ino;
	f->dev = k->dev;
	for (int how = 0; how < 3; how++) {
		if (how == 0)
			snprintf(f->path, sizeof(f->path), "/proc/%d/exe", t->tid);
		else if (how == 1)
			snprintf(f->path, sizeof(f->path), "/proc/%d/root/%s", t->tid, k->name);
		else
			snprintf(f->path, sizeof(f->path), "/proc/%d/map_files/%lx-%lx", t->tid, k->start,
				 k->end);
		f->lasts = how < 2;
		if (!stat(f->path, &f->st) && f->st.st_ino == k->ino)
			return 0;
	}
	f->lasts = false;
	return -1;
}

/* A file mapping made by the kernel's loader. The last page may hold zeros that the
 * loader put after the file's data (padzero, fs/binfmt_elf.c). */
static int describe_file(struct recorder *s, struct rtask *t, struct mapping *m, struct found *f)
{
	if (find_mapped(t, &m->recorded, f))
		return err_set("task %d: cannot read %s, which it runs", t->tid, m->recorded.name);
	m->recorded.dev = f->st.st_dev; /* /proc/PID/maps and stat may differ (btrfs) */
	memory_note_file(s, f->st.st_dev, f->st.st_ino);
	int rc = kept_store(s, f->path, &f->st, m);
	if (!rc && m->recorded.prot & PROT_WRITE && page_is_private(t->tid, m->recorded.end - PAGE))
		log_memory(s, t, m->recorded.end - PAGE, PAGE, m->recorded.end - PAGE);
	if (!rc && !image_map(s, t, m, f->path))
		kept_plant_sites(s, t, m, f->path, &f->st);
	return rc;
}

static int describe(struct recorder *s, struct rtask *t, struct mapping *m, const regs_t *r,
		    const uint8_t *vdso, struct found *found)
{
	const struct kernel_mapping *k = &m->recorded;
	if (!strncmp(k->name, "[vvar", 5) || !strcmp(k->name, "[vsyscall]"))
		return 0;
	if (!strcmp(k->name, "[vdso]")) {
		m->source = SRC_FILE;
		m->recorded.offset = 0;
		if (writer_store_bytes(s->w, vdso, k->end - k->start, m->hash))
			return -1;
	} else if (k->ino) {
		if (describe_file(s, t, m, found))
			return -1;
	} else if (k->flags & MAPF_GROWSDOWN) {
		uint64_t from = r->rsp & ~(PAGE - 1);
		log_memory(s, t, from, k->end - from, from);
	}
	event_op(&s->ev, OP_MAP)->map = *m;
	space_map(&t->mm->space, m);
	if (k->prot & PROT_EXEC)
		fetch_mapped(s, t, k->start, k->end);
	return 0;
}

static void log_command(struct recorder *s, struct rtask *t)
{
	char path[64];
	struct buf b = {0};
	snprintf(path, sizeof(path), "/proc/%d/cmdline", t->tid);
	if (!file_slurp(path, &b, 1 << 20) && b.len) {
		uint8_t *p = log_alloc(s, b.len);
		memcpy(p, b.data, b.len);
		s->ev.blob = p;
		s->ev.blob_len = b.len;
	}
	buf_free(&b);
}

static void new_space(struct recorder *s, struct rtask *t)
{
	scratch_release(t);
	struct rmm *old = t->mm;
	bool old_shares = old->shares;
	sched_forget(s, t); /* it leaves its group */
	task_leave_mm(t);
	task_join_mm(t, mm_new(s));
	if (old->owner == t)
		old->owner = NULL;
	if (old->fd_proc == t->proc)
		old->fd_proc = NULL;
	mm_put(s, old);
	if (old_shares)
		fetch_check(s);
	t->clear_tid = 0;
	t->restart_nr = -1;
	t->proc->dumpable = 1;
	/* Handlers do not survive exec; ignoring does. */
	for (size_t i = 0; i < ARRAY_LEN(t->proc->actions); i++) {
		if (t->proc->actions[i].handler != (uint64_t)SIG_IGN)
			t->proc->actions[i] = (struct kept_action){0};
	}
}

/* Only pages that differ are written: each is copied for the task. */
static int change_vdso(struct rtask *t, uint64_t addr, uint8_t *image, size_t size)
{
	uint8_t *old = xmalloc(size);
	int rc = 0;
	memcpy(old, image, size);
	vdso_patch(image, size);
	for (size_t at = 0; at < size && !rc; at += PAGE) {
		if (memcmp(old + at, image + at, PAGE))
			rc = mem_write(t->tid, addr + at, image + at, PAGE);
	}
	free(old);
	return rc;
}

static int build(struct recorder *s, struct rtask *t, regs_t *r, struct space *maps)
{
	struct rlimit lim;
	struct found found = {0};
	struct mapping *vdso = by_name(maps, "[vdso]");
	if (r->cs != 0x33)
		return err_set("task %d runs a 32-bit program; those cannot be recorded yet", t->tid);
	if (!vdso)
		return err_set("task %d has no vdso: boot without vdso=0 to record", t->tid);
	size_t size = vdso->recorded.end - vdso->recorded.start;
	uint8_t *image = log_alloc(s, size);
	if (mem_read(t->tid, vdso->recorded.start, image, size) != size)
		return -ESRCH;
	int rc = plant_runtime(s, t, vdso, r, image);
	if (rc == -ESRCH)
		return rc;
	if (rc)
		return err_sys(-rc, "task %d: cannot map the runtime at 0x%x", t->tid, RUNTIME_BASE);
	if (change_vdso(t, vdso->recorded.start, image, size))
		return -ESRCH;
	for (struct mapping *m = space_first(maps); m; m = space_next(maps, m)) {
		if (describe(s, t, m, r, image, &found))
			return -1;
	}
	if (!prlimit(t->tid, RLIMIT_STACK, NULL, &lim))
		event_op(&s->ev, OP_STACKLIMIT)->a = lim.rlim_cur;
	log_command(s, t);
	return 0;
}

struct action exec_exit(struct recorder *s, struct rtask *t)
{
	regs_t r;
	struct space maps = {0};
	if (!s->started) {
		log_begin(s, t, EV_START, 0);
		log_put(s);
		s->started = true;
	}
	new_space(s, t);
	log_begin(s, t, EV_EXEC, t->nr)->arg[0] = t->aux ? (int64_t)t->aux : t->tid;
	int rc = pt_getregs(t->tid, &r);
	if (!rc)
		rc = maps_read(t->tid, &maps);
	if (!rc)
		rc = build(s, t, &r, &maps);
	space_clear(&maps);
	if (rc) {
		/* A task killed meanwhile is no failure of ours. */
		if (rc != -ESRCH && pt_getregs(t->tid, &r) == 0)
			rec_fail(s);
		return act(ACT_GONE);
	}
	log_regs(s, &r);
	log_put(s);
	s->stats.execs++;
	t->in_call = false;
	t->result = 0;
	traced_call_ended(t, t->nr);
	traced_exec(t, t->aux ? t->aux : (unsigned long)t->tid);
	return act_station(0);
}
