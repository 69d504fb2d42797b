/* Bad pointers in every argument place of buffered calls: EFAULT as the kernel says it. */
#include "check.h"

#include <linux/futex.h>

static const int calls[] = {
	SYS_read, SYS_write, SYS_open, SYS_stat, SYS_fstat, SYS_lstat, SYS_poll, SYS_rt_sigaction,
	SYS_rt_sigprocmask, SYS_pread64, SYS_pwrite64, SYS_readv, SYS_writev, SYS_access, SYS_pipe, SYS_select,
	SYS_getitimer, SYS_setitimer, SYS_sendto, SYS_recvfrom, SYS_sendmsg, SYS_recvmsg, SYS_bind, SYS_getsockname,
	SYS_getpeername, SYS_socketpair, SYS_setsockopt, SYS_getsockopt, SYS_uname, SYS_fcntl, SYS_getdents,
	SYS_getcwd, SYS_chdir, SYS_rename, SYS_mkdir, SYS_rmdir, SYS_link, SYS_unlink, SYS_symlink, SYS_readlink,
	SYS_chmod, SYS_gettimeofday, SYS_getrlimit, SYS_getrusage, SYS_sysinfo, SYS_times, SYS_getgroups,
	SYS_getresuid, SYS_sigaltstack, SYS_statfs, SYS_fstatfs, SYS_time, SYS_futex, SYS_getdents64,
	SYS_clock_gettime, SYS_clock_getres, SYS_epoll_wait, SYS_epoll_ctl, SYS_openat, SYS_newfstatat,
	SYS_readlinkat, SYS_pselect6, SYS_ppoll, SYS_utimensat, SYS_accept4, SYS_preadv, SYS_pwritev, SYS_getcpu,
	SYS_getrandom, SYS_statx, SYS_prlimit64, SYS_timerfd_settime, SYS_getxattr, SYS_wait4, SYS_copy_file_range,
	SYS_sendfile, SYS_ioctl,
};
static long zero[2];
int main(void)
{
	const long bad[] = {1, 0x7fffffffe000, (long)0xffff800000000000, -1};
	int sv[2], f = temp_file();
	FILE *out = fdopen(dup(1), "w"); /* 1 is one of the bad values: no descriptor of the output */
	CHECK(out && dup2(f, 1) == 1);
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	for (size_t c = 0; c < sizeof(calls) / sizeof(*calls); c++) {
		for (size_t b = 0; b < sizeof(bad) / sizeof(*bad); b++) {
			for (int place = 0; place < 6; place++) {
				long a[6] = {f, 0, 16, 0, 0, 0};
				bool to = calls[c] == SYS_sendto || calls[c] == SYS_recvfrom || calls[c] == SYS_accept4;
				bool msg = calls[c] == SYS_sendmsg || calls[c] == SYS_recvmsg;
				if (to || msg)
					a[0] = sv[0], a[to ? 3 : 2] = MSG_DONTWAIT;
				if ((to && place == 3) || (msg && place == 2))
					continue; /* it would wait */
				if (calls[c] == SYS_select || calls[c] == SYS_pselect6 || calls[c] == SYS_poll ||
				    calls[c] == SYS_ppoll)
					a[0] = 1, a[2] = 0;
				if (calls[c] == SYS_select || calls[c] == SYS_pselect6)
					a[4] = (long)zero; /* not to wait */
				if (calls[c] == SYS_ppoll)
					a[2] = (long)zero;
				if (calls[c] == SYS_poll && place == 2)
					continue;
				if (calls[c] == SYS_futex && (place == 0 || place > 1))
					a[1] = FUTEX_WAKE;
				if (calls[c] == SYS_fcntl && place == 1)
					continue;
				if (calls[c] == SYS_ioctl)
					a[1] = TCGETS;
				if (calls[c] == SYS_wait4)
					a[0] = -1, a[2] = WNOHANG;
				if (calls[c] == SYS_setitimer && place == 2)
					continue;
				a[place] = bad[b];
				errno = 0;
				long r = syscall(calls[c], a[0], a[1], a[2], a[3], a[4], a[5]);
				fprintf(out, "%d %d %zu %ld %d\n", calls[c], place, b, r > 0 ? 1 : r, r < 0 ? errno : 0);
			}
		}
	}
	fclose(out);
	return 0;
}
