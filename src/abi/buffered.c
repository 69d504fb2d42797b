/* clang-format off */
#include "abi/buffered.h"

#include <string.h>
#include <sys/syscall.h>

#include "abi/sysrow.h"
#include "base/mem.h"

/* Calls that never wait for anybody, and whose rows in systable.c say all that they read
 * and write. What changes memory maps, processes, credentials or what the recorder must
 * know at once is not here; nor what writes memory and fails then (socketpair, capget). */
static const uint16_t plain[] = {
	SYS_stat, SYS_fstat, SYS_lstat, SYS_newfstatat, SYS_statx, SYS_access, SYS_faccessat, SYS_faccessat2,
	SYS_lseek, SYS_readlink, SYS_readlinkat, SYS_getcwd, SYS_getdents, SYS_getdents64, SYS_statfs, SYS_fstatfs,
	SYS_mkdir, SYS_mkdirat, SYS_rmdir, SYS_unlink, SYS_unlinkat, SYS_rename, SYS_renameat, SYS_renameat2,
	SYS_link, SYS_linkat, SYS_symlink, SYS_symlinkat, SYS_chmod, SYS_fchmod, SYS_fchmodat, SYS_chown,
	SYS_fchown, SYS_lchown, SYS_fchownat, SYS_utime, SYS_utimes, SYS_utimensat, SYS_futimesat, SYS_umask,
	SYS_chdir, SYS_fchdir, SYS_fadvise64, SYS_getxattr, SYS_lgetxattr, SYS_fgetxattr, SYS_listxattr,
	SYS_llistxattr, SYS_flistxattr, SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr, SYS_removexattr,
	SYS_pipe, SYS_pipe2, SYS_memfd_create, SYS_eventfd, SYS_eventfd2, SYS_timerfd_create, SYS_timerfd_settime,
	SYS_timerfd_gettime, SYS_epoll_create, SYS_epoll_create1, SYS_epoll_ctl, SYS_inotify_init,
	SYS_inotify_init1, SYS_inotify_add_watch, SYS_inotify_rm_watch,
	SYS_socket, SYS_bind, SYS_listen, SYS_shutdown, SYS_getsockname, SYS_getpeername,
	SYS_getpid, SYS_getppid, SYS_gettid, SYS_getpgrp, SYS_getpgid, SYS_getsid, SYS_getuid, SYS_geteuid,
	SYS_getgid, SYS_getegid, SYS_getgroups, SYS_getresuid, SYS_getresgid, SYS_setpgid,
	SYS_getpriority, SYS_getrusage, SYS_getrlimit, SYS_uname, SYS_sysinfo, SYS_times, SYS_getcpu,
	SYS_clock_gettime, SYS_clock_getres, SYS_gettimeofday, SYS_time, SYS_getitimer, SYS_setitimer, SYS_alarm,
	SYS_timer_create, SYS_timer_settime, SYS_timer_gettime, SYS_timer_getoverrun, SYS_timer_delete,
	SYS_sigaltstack, SYS_rt_sigpending, SYS_set_robust_list, SYS_getrandom, SYS_sched_get_priority_max,
	SYS_sched_get_priority_min, SYS_membarrier, SYS_mlock, SYS_munlock, SYS_ioprio_get,
};

static const struct {
	uint16_t nr;
	uint8_t how;
} special[] = {
	{SYS_open, HOW_OPEN}, {SYS_openat, HOW_OPEN}, {SYS_creat, HOW_OPEN}, {SYS_close, HOW_CLOSE},
	{SYS_dup, HOW_DUP}, {SYS_dup2, HOW_DUP_TO}, {SYS_dup3, HOW_DUP_TO},
	{SYS_read, HOW_READ}, {SYS_pread64, HOW_READ}, {SYS_write, HOW_WRITE}, {SYS_pwrite64, HOW_WRITE},
	{SYS_readv, HOW_READV}, {SYS_preadv, HOW_READV}, {SYS_writev, HOW_WRITEV}, {SYS_pwritev, HOW_WRITEV},
	{SYS_recvfrom, HOW_RECV}, {SYS_sendto, HOW_SEND}, {SYS_recvmsg, HOW_RECVMSG}, {SYS_sendmsg, HOW_SENDMSG},
	{SYS_accept, HOW_ACCEPT}, {SYS_accept4, HOW_ACCEPT},
	{SYS_poll, HOW_POLL}, {SYS_ppoll, HOW_POLL}, {SYS_select, HOW_SELECT}, {SYS_pselect6, HOW_SELECT},
	{SYS_epoll_wait, HOW_EPOLL}, {SYS_epoll_pwait, HOW_EPOLL}, {SYS_epoll_pwait2, HOW_EPOLL},
	{SYS_futex, HOW_FUTEX}, {SYS_fcntl, HOW_FCNTL}, {SYS_ioctl, HOW_IOCTL},
	{SYS_ftruncate, HOW_FTRUNCATE}, {SYS_fallocate, HOW_FTRUNCATE},
	{SYS_copy_file_range, HOW_COPY}, {SYS_sendfile, HOW_COPY},
	{SYS_rt_sigprocmask, HOW_SIGPROCMASK}, {SYS_rt_sigaction, HOW_SIGACTION},
	{SYS_madvise, HOW_MADVISE}, {SYS_wait4, HOW_WAIT},
	{SYS_mmap, HOW_MMAP}, {SYS_munmap, HOW_MUNMAP}, {SYS_mprotect, HOW_MPROTECT}, {SYS_brk, HOW_BRK},
	{SYS_arch_prctl, HOW_ARCH_PRCTL}, {SYS_prlimit64, HOW_PRLIMIT}, {SYS_set_tid_address, HOW_PLAIN},
	{SYS_setsockopt, HOW_SOCKOPT}, {SYS_getsockopt, HOW_SOCKOPT},
};
/* clang-format on */

int abi_how(long nr)
{
	for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
		if (plain[i] == nr)
			return HOW_PLAIN;
	}
	for (size_t i = 0; i < ARRAY_LEN(special); i++) {
		if (special[i].nr == nr)
			return special[i].how;
	}
	const struct sysrow *row = sys_row(nr);
	return row->cls == C_NOSYS && strcmp(row->name, "unknown") ? HOW_NOSYS : HOW_TRACED;
}

static uint8_t piece_of(const struct arg_spec *a)
{
	if (a->kind == K_STR)
		return PIECE_PATH;
	if (a->kind != K_OUT && a->kind != K_INOUT)
		return PIECE_NONE;
	switch (a->len) {
	case LEN_ONE:
		return PIECE_FIXED;
	case LEN_RET:
		return PIECE_RESULT;
	case LEN_ARG:
		return PIECE_COUNT;
	case LEN_PTR:
		return PIECE_LENPTR;
	}
	return PIECE_NONE;
}

static void fill(struct call_row *to, const struct sysrow *row, int how)
{
	memset(to, 0, sizeof(*to));
	to->how = (uint8_t)how;
	for (unsigned i = 0; i < 6; i++) {
		const struct arg_spec *a = &row->args[i];
		if (a->kind == K_NONE)
			continue;
		to->nargs = (uint8_t)(i + 1);
		to->piece[i].kind = piece_of(a) & 15;
		to->piece[i].arg = a->arg & 15;
		to->size[i] = (uint16_t)abi_type_size(a->type);
	}
}

void abi_call_rows(struct call_row *rows, size_t n)
{
	for (size_t nr = 0; nr < n; nr++)
		fill(&rows[nr], sys_row((int64_t)nr), abi_how((long)nr));
}
