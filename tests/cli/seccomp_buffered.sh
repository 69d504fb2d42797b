# Calls that a program's own seccomp filter allows in any case are buffered as without it.
cat > p.c <<'C'
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(void)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 7),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog p = {4, f};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p))
		return 1;
	for (int i = 0; i < 5000; i++)
		if (syscall(SYS_getuid) < 0 || syscall(SYS_getpgrp) < 0)
			return 2;
	return syscall(SYS_getppid) != -1;
}
C
cc p.c -o p
$REPRISE record --stats -o t ./p 2> err
n=$(sed -n 's/.* \([0-9]*\) of them buffered.*/\1/p' err)
[ "$n" -ge 10000 ] || { cat err; exit 1; }
$REPRISE replay -a t
