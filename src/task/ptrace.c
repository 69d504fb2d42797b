#include "task/ptrace.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <unistd.h>

static int pt(int request, pid_t tid, uint64_t addr, uint64_t data)
{
	return ptrace(request, tid, addr, data) == -1 ? -errno : 0;
}

void pt_quiet_stops(void)
{
	/* do_notify_parent_cldstop (kernel/signal.c) wakes the waiting tracer in any case. */
	struct sigaction sa = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDSTOP};
	sigaction(SIGCHLD, &sa, NULL);
}

int pt_seize(pid_t tid, unsigned long options)
{
	return pt(PTRACE_SEIZE, tid, 0, options);
}

int pt_getregs(pid_t tid, regs_t *r)
{
	return pt(PTRACE_GETREGS, tid, 0, (uint64_t)r);
}

int pt_setregs(pid_t tid, const regs_t *r)
{
	return pt(PTRACE_SETREGS, tid, 0, (uint64_t)r);
}

bool pt_hide_step(regs_t *r)
{
	bool vsyscall = r->rip >> 63; /* which leaves r11 alone */
	if (vsyscall || (r->r11 ^ r->eflags) != STEP_FLAG || r->eflags & STEP_FLAG)
		return false;
	r->r11 = r->eflags;
	return true;
}

int pt_resume(int request, pid_t tid, int sig)
{
	return pt(request, tid, 0, (uint64_t)sig);
}

int pt_siginfo(pid_t tid, siginfo_t *si)
{
	return pt(PTRACE_GETSIGINFO, tid, 0, (uint64_t)si);
}

int pt_set_siginfo(pid_t tid, const siginfo_t *si)
{
	return pt(PTRACE_SETSIGINFO, tid, 0, (uint64_t)si);
}

int pt_event_msg(pid_t tid, unsigned long *msg)
{
	return pt(PTRACE_GETEVENTMSG, tid, 0, (uint64_t)msg);
}

int pt_sigmask(pid_t tid, uint64_t *mask)
{
	return pt(PTRACE_GETSIGMASK, tid, 8, (uint64_t)mask);
}

int pt_set_sigmask(pid_t tid, uint64_t mask)
{
	return pt(PTRACE_SETSIGMASK, tid, 8, (uint64_t)&mask);
}

ssize_t pt_xstate(pid_t tid, void *out, size_t cap)
{
	struct iovec iov = {out, cap};
	int rc = pt(PTRACE_GETREGSET, tid, NT_X86_XSTATE, (uint64_t)&iov);
	return rc ? rc : (ssize_t)iov.iov_len;
}

int pt_set_xstate(pid_t tid, const void *in, size_t len)
{
	struct iovec iov = {(void *)in, len};
	return pt(PTRACE_SETREGSET, tid, NT_X86_XSTATE, (uint64_t)&iov);
}

bool pt_at_call_start(pid_t tid)
{
	struct __ptrace_syscall_info si = {.op = PTRACE_SYSCALL_INFO_NONE};
	return ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(si), &si) > 0 &&
	       si.op == PTRACE_SYSCALL_INFO_SECCOMP;
}

size_t mem_read(pid_t tid, uint64_t addr, void *out, size_t len)
{
	size_t done = 0;
	while (done < len) {
		struct iovec l = {(char *)out + done, len - done}, r = {(void *)(addr + done), len - done};
		ssize_t n = process_vm_readv(tid, &l, 1, &r, 1, 0);
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	if (done == len)
		return done;
	/* /proc/PID/mem reads what the task itself may not (PROT_NONE pages). */
	char path[40];
	snprintf(path, sizeof(path), "/proc/%d/mem", tid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return done;
	while (done < len) {
		/* A read stops at the first bad page without saying how far it came,
		 * so go page by page. */
		size_t want = 4096 - ((addr + done) & 4095);
		if (want > len - done)
			want = len - done;
		ssize_t n = pread(fd, (char *)out + done, want, (off_t)(addr + done));
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	close(fd);
	return done;
}

/* One byte, by the word around it: far cheaper than /proc/PID/mem. */
static int poke_byte(pid_t tid, uint64_t addr, uint8_t byte)
{
	uint64_t at = addr & ~7ull;
	union {
		long word;
		uint8_t bytes[8];
	} w;
	errno = 0;
	w.word = ptrace(PTRACE_PEEKDATA, tid, at, 0);
	if (errno)
		return -errno;
	w.bytes[addr & 7] = byte;
	return pt(PTRACE_POKEDATA, tid, at, (uint64_t)w.word);
}

int mem_write(pid_t tid, uint64_t addr, const void *data, size_t len)
{
	size_t done = 0;
	if (len == 1 && !poke_byte(tid, addr, *(const uint8_t *)data))
		return 0;
	while (done < len) {
		struct iovec l = {(char *)data + done, len - done}, r = {(void *)(addr + done), len - done};
		ssize_t n = process_vm_writev(tid, &l, 1, &r, 1, 0);
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	if (done == len)
		return 0;
	char path[40];
	snprintf(path, sizeof(path), "/proc/%d/mem", tid);
	int fd = open(path, O_WRONLY | O_CLOEXEC), rc = 0;
	if (fd < 0)
		return -errno;
	while (done < len) {
		size_t want = 4096 - ((addr + done) & 4095);
		if (want > len - done)
			want = len - done;
		ssize_t n = pwrite(fd, (char *)data + done, want, (off_t)(addr + done));
		if (n <= 0) {
			rc = n < 0 ? -errno : -EIO;
			break;
		}
		done += (size_t)n;
	}
	close(fd);
	return rc;
}
