/* The program installs a seccomp filter: errno, trap, kill. */
#include "check.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
static volatile int trapped;
static void on(int sig, siginfo_t *si, void *uc)
{
	(void)sig, (void)uc;
	trapped = si->si_syscall;
}
int main(void)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 77),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getsid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sync, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog p = {sizeof(f) / sizeof(*f), f};
	struct sigaction sa = {.sa_sigaction = on, .sa_flags = SA_SIGINFO};
	sigaction(SIGSYS, &sa, NULL);
	struct {
		unsigned short notif, resp, data;
	} sizes = {0xeeee, 0xeeee, 0xeeee};
	unsigned action = SECCOMP_RET_TRAP;
	CHECK(!syscall(SYS_seccomp, 3 /* SECCOMP_GET_NOTIF_SIZES */, 0, &sizes) && sizes.data == sizeof(struct seccomp_data));
	CHECK(!syscall(SYS_seccomp, 2 /* SECCOMP_GET_ACTION_AVAIL */, 0, &action));
	SHOW("%d %d", sizes.notif, sizes.resp);
	CHECK(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p));
	CHECK(syscall(SYS_getppid) == -1 && errno == 77);
	syscall(SYS_getsid, 0);
	CHECK(trapped == SYS_getsid);
	SHOW("filtered");
	pid_t c = fork();
	if (!c)
		sync();
	int st;
	CHECK(waitpid(c, &st, 0) == c && WIFSIGNALED(st) && WTERMSIG(st) == SIGSYS);
	return 0;
}
