/* virtual: a kernel for one program that computes and prints, and whose calls are all answered here, as User-Mode
 * Linux does it with PTRACE_SYSEMU. The host's kernel makes none of them.
 *
 *     cc virtual.c $(pkg-config --cflags --libs reprise-interpose) -o virtual
 *     ./virtual PROGRAM [ARGUMENT...]       (statically linked: there are no files)
 *
 * The program gets 16 MB from the host. All memory that it asks for lies there. */
#define _GNU_SOURCE
#include <errno.h>
#include <reprise/interpose.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/utsname.h>

#define MEMORY (16u << 20)

struct machine {
	uint64_t memory, brk, top; /* where the memory is; the heap grows upwards, mappings downwards */
	int running;
	int status; /* of exit_group */
};

static int64_t print(const struct reprise_task *t, uint64_t fd, uint64_t from, uint64_t n)
{
	char part[4096];
	size_t got = reprise_read(t, from, part, n < sizeof(part) ? n : sizeof(part));
	if (fd != 1 && fd != 2)
		return -EBADF;
	return got || !n ? (int64_t)fwrite(part, 1, got, fd == 1 ? stdout : stderr) : -EFAULT;
}

static int64_t answer(struct machine *m, struct reprise_call *c)
{
	static const struct utsname name = {"Linux", "virtual", "6.0.0", "none", "x86_64", ""};
	const uint64_t *a = c->args;
	struct user_regs_struct regs;
	switch (c->nr) {
	case SYS_brk:
		if (a[0] >= m->memory && a[0] < m->top)
			m->brk = a[0];
		return (int64_t)m->brk;
	case SYS_mmap:
		if (!(a[3] & MAP_ANONYMOUS) || a[3] & MAP_FIXED || a[1] > m->top - m->brk)
			return -ENOMEM;
		return (int64_t)(m->top -= (a[1] + 4095) & ~4095ull);
	case SYS_arch_prctl: /* ARCH_SET_FS */
		reprise_regs(c->task, &regs);
		regs.fs_base = a[1];
		return a[0] == 0x1002 ? reprise_set_regs(c->task, &regs) : -EINVAL;
	case SYS_write:
		return print(c->task, a[0], a[1], a[2]);
	case SYS_uname:
		return reprise_write(c->task, a[0], &name, sizeof(name));
	case SYS_getpid:
	case SYS_set_tid_address:
		return 1;
	case SYS_exit_group:
		m->status = (int)a[0] & 0xff;
		return kill(reprise_pid(c->task), SIGKILL);
	}
	return c->nr == SYS_munmap || c->nr == SYS_mprotect ? 0 : -ENOSYS;
}

/* The host gives the memory at the program's first call, with one call of ours. */
static void give_memory(struct machine *m, struct reprise_task *t)
{
	const uint64_t args[6] = {0, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1ull, 0};
	m->memory = m->brk = (uint64_t)reprise_inject(t, SYS_mmap, args);
	m->top = m->memory + MEMORY;
}

static enum reprise_disposition start(void *state, struct reprise_call *c)
{
	struct machine *m = state;
	if (!m->running) {
		m->running = 1; /* with this call, its exec */
		return REPRISE_RUN;
	}
	if (!m->memory)
		give_memory(m, c->task);
	c->result = answer(m, c);
	return REPRISE_SKIP;
}

int main(int argc, char **argv)
{
	struct machine m = {0, 0, 0, 0, 255};
	struct reprise_handlers handlers = {.size = sizeof(handlers), .start = start};
	struct reprise *r = reprise_new(0);
	if (argc < 2 || reprise_want(reprise_add(r, &handlers, &m), "all") ||
	    reprise_start(r, argv + 1, NULL, NULL) < 0 || reprise_run(r))
		return fprintf(stderr, "virtual: %s\n", argc < 2 ? "which program?" : reprise_error(r)), 125;
	reprise_free(r);
	return m.status;
}
