/* What every test program uses: headers, CHECK, and SHOW, which prints a value that
 * is another one each time, so that a replay that got another one is seen. */
#ifndef CHECK_H
#define CHECK_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <termios.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define CHECK(x)                                                                                   \
	do {                                                                                       \
		if (!(x)) {                                                                        \
			printf("%s:%d: failed: %s (errno %d)\n", __FILE__, __LINE__, #x, errno);   \
			fflush(stdout);                                                            \
			_exit(99);                                                                 \
		}                                                                                  \
	} while (0)
#define SHOW(fmt, ...) (printf("~ " fmt "\n", ##__VA_ARGS__), fflush(stdout))

/* Wait for a child; its status must be an exit with `code`. */
static inline void reap(pid_t pid, int code)
{
	int st;
	CHECK(waitpid(pid, &st, 0) == pid);
	CHECK(WIFEXITED(st) && WEXITSTATUS(st) == code);
}

static inline void pause_ms(int ms)
{
	struct timespec ts = {ms / 1000, ms % 1000 * 1000000L};
	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

/* Wait until a process has slept for two looks, a millisecond apart. */
static inline void wait_sleeping(pid_t pid)
{
	for (int seen = 0; seen < 2; pause_ms(1)) {
		char path[32], text[512] = "";
		snprintf(path, sizeof(path), "/proc/%d/stat", pid);
		int fd = open(path, O_RDONLY);
		CHECK(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
		close(fd);
		const char *state = strrchr(text, ')');
		seen = state && state[2] == 'S' ? seen + 1 : 0;
	}
}

/* A child that sends a thread, or a process, a signal as soon as it sleeps. */
static inline pid_t signal_sleeping(pid_t to, int sig)
{
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (pid)
		return pid;
	wait_sleeping(to);
	CHECK(!kill(to, sig));
	_exit(0);
}

/* Leave a handler by an ordinary jump to what its frame says, with `rax` there. (glibc's
 * setcontext cannot be given the kernel's frame: it holds no mxcsr where that looks.) */
static inline void jump_to_frame(ucontext_t *uc, long rax)
{
	const greg_t *g = uc->uc_mcontext.gregs;
	sigprocmask(SIG_SETMASK, &uc->uc_sigmask, NULL);
	const greg_t regs[] = {g[REG_RSP], g[REG_RBX], g[REG_RBP], g[REG_R12], g[REG_R13], g[REG_R14], g[REG_R15],
			       g[REG_RDI], g[REG_RSI], g[REG_RDX], g[REG_R10], g[REG_R8],  g[REG_R9],  g[REG_RIP]};
	__asm__ volatile("mov 8(%%rcx), %%rbx\n\tmov 16(%%rcx), %%rbp\n\tmov 24(%%rcx), %%r12\n\t"
			 "mov 32(%%rcx), %%r13\n\tmov 40(%%rcx), %%r14\n\tmov 48(%%rcx), %%r15\n\t"
			 "mov 56(%%rcx), %%rdi\n\tmov 64(%%rcx), %%rsi\n\tmov 72(%%rcx), %%rdx\n\t"
			 "mov 80(%%rcx), %%r10\n\tmov 88(%%rcx), %%r8\n\tmov 96(%%rcx), %%r9\n\t"
			 "mov 104(%%rcx), %%r11\n\tmov (%%rcx), %%rsp\n\tjmp *%%r11"
			 :
			 : "c"(regs), "a"(rax)
			 : "memory");
	__builtin_unreachable();
}

/* An empty file, open for reading and writing, without a name. */
static inline int temp_file(void)
{
	char name[] = "/tmp/reprise-test-XXXXXX";
	int fd = mkstemp(name);
	CHECK(fd >= 0);
	unlink(name);
	return fd;
}
#endif
