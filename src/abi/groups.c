#include "abi/groups.h"

#include <stddef.h>
#include <string.h>

#include "abi/sysrow.h"
#include "base/mem.h"

/* Names between spaces. %file and %desc come from the rows. */
static const struct group {
	const char *name, *calls;
} groups[] = {
	{"file", " chdir fchdir getcwd statfs fstatfs "},
	{"desc", " select pselect6 "},
	{"network", " socket connect accept accept4 sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg "
		    "shutdown bind listen "
		    "getsockname getpeername socketpair setsockopt getsockopt getpmsg putpmsg "},
	{"signal",
	 " rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigqueueinfo "
	 "rt_sigsuspend "
	 "rt_tgsigqueueinfo sigaltstack kill tkill tgkill pause signalfd signalfd4 pidfd_send_signal "},
	{"process", " fork vfork clone clone3 execve execveat exit exit_group wait4 waitid kill tkill tgkill "
		    "rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal unshare pidfd_open "},
	{"ipc", " shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv msgctl "},
	{"memory",
	 " brk mmap munmap mprotect mremap msync mincore madvise mlock munlock mlockall munlockall mlock2 "
	 "mbind "
	 "set_mempolicy get_mempolicy migrate_pages move_pages pkey_mprotect remap_file_pages shmat shmdt "
	 "process_madvise set_mempolicy_home_node mseal map_shadow_stack "},
	{"creds", " getuid getgid setuid setgid geteuid getegid setreuid setregid getgroups setgroups "
		  "setresuid getresuid "
		  "setresgid getresgid setfsuid setfsgid capget capset prctl "},
	{"clock",
	 " time gettimeofday settimeofday adjtimex clock_gettime clock_settime clock_getres clock_adjtime "},
	{"stat", " stat "},
	{"lstat", " lstat "},
	{"fstat", " fstat newfstatat "},
	{"%stat", " stat lstat fstat newfstatat statx "},
	{"statfs", " statfs "},
	{"fstatfs", " fstatfs "},
	{"%statfs", " statfs fstatfs ustat "},
	{"pure", " getpid getppid gettid getuid geteuid getgid getegid getpgrp "},
};

static const struct group *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		if (!strcmp(groups[i].name, name))
			return &groups[i];
	}
	return NULL;
}

static bool has_argument(const struct sysrow *row, bool path)
{
	for (size_t i = 0; i < ARRAY_LEN(row->args); i++) {
		const struct arg_spec *a = &row->args[i];
		if (path ? a->kind == K_STR && a->type == T_PATH
			 : a->kind == K_VAL && (a->type == T_FD || a->type == T_ATFD))
			return true;
	}
	return false;
}

bool sys_group_known(const char *group)
{
	return find(group) != NULL;
}

bool sys_in_group(int64_t nr, const char *group)
{
	char word[48] = " ";
	const struct group *g = find(group);
	const struct sysrow *row = sys_row(nr);
	size_t n = strlen(row->name);
	if (!g || n + 3 > sizeof(word))
		return false;
	memcpy(word + 1, row->name, n);
	word[n + 1] = ' ';
	word[n + 2] = 0;
	if (strstr(g->calls, word))
		return true;
	return (!strcmp(group, "file") && has_argument(row, true)) ||
	       (!strcmp(group, "desc") && (has_argument(row, false) || row->flags & F_FD));
}
