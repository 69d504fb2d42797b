/* clang-format off */
#include "abi/names.h"

#include <asm/prctl.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <signal.h>

#include "abi/types.h"
#include "base/mem.h"

#define N(x) {x, #x}

static const struct name open_flags[] = {
	N(O_RDONLY), N(O_WRONLY), N(O_RDWR), N(O_CREAT), N(O_EXCL), N(O_NOCTTY), N(O_TRUNC),
	N(O_APPEND), N(O_NONBLOCK), {0x1000, "O_DSYNC"}, {0x100000, "__O_SYNC"}, N(O_ASYNC), N(O_DIRECTORY),
	N(O_NOFOLLOW), N(O_CLOEXEC), N(O_DIRECT), N(O_NOATIME), N(O_PATH), {0x400000, "__O_TMPFILE"},
	{0x8000, "O_LARGEFILE"},
};
static const struct name prots[] = {{0, "PROT_NONE"}, N(PROT_READ), N(PROT_WRITE), N(PROT_EXEC),
				    N(PROT_GROWSDOWN)};
static const struct name maps[] = {
	N(MAP_SHARED), N(MAP_PRIVATE), N(MAP_SHARED_VALIDATE), N(MAP_FIXED), N(MAP_ANONYMOUS),
	N(MAP_32BIT), N(MAP_GROWSDOWN), {0x800, "MAP_DENYWRITE"}, {0x1000, "MAP_EXECUTABLE"}, N(MAP_LOCKED),
	N(MAP_NORESERVE), N(MAP_POPULATE), N(MAP_NONBLOCK), N(MAP_STACK), N(MAP_HUGETLB), N(MAP_SYNC),
	N(MAP_FIXED_NOREPLACE),
};
static const struct name clones[] = {
	{17, "SIGCHLD"}, N(CLONE_VM), N(CLONE_FS), N(CLONE_FILES), N(CLONE_SIGHAND), N(CLONE_PIDFD),
	N(CLONE_PTRACE), N(CLONE_VFORK), N(CLONE_PARENT), N(CLONE_THREAD), N(CLONE_NEWNS),
	N(CLONE_SYSVSEM), N(CLONE_SETTLS), N(CLONE_PARENT_SETTID), N(CLONE_CHILD_CLEARTID),
	N(CLONE_DETACHED), N(CLONE_UNTRACED), N(CLONE_CHILD_SETTID), N(CLONE_NEWCGROUP), N(CLONE_NEWUTS),
	N(CLONE_NEWIPC), N(CLONE_NEWUSER), N(CLONE_NEWPID), N(CLONE_NEWNET), N(CLONE_IO),
};
static const struct name whences[] = {N(SEEK_SET), N(SEEK_CUR), N(SEEK_END), {3, "SEEK_DATA"},
				      {4, "SEEK_HOLE"}};
static const struct name atflags[] = {
	N(AT_SYMLINK_NOFOLLOW), N(AT_REMOVEDIR), N(AT_SYMLINK_FOLLOW), N(AT_NO_AUTOMOUNT), N(AT_EMPTY_PATH),
};
static const struct name families[] = {N(AF_UNSPEC), N(AF_UNIX), N(AF_INET), N(AF_INET6), N(AF_NETLINK),
				       N(AF_PACKET), N(AF_VSOCK), N(AF_ALG)};
static const struct name socktypes[] = {N(SOCK_STREAM), N(SOCK_DGRAM), N(SOCK_RAW), N(SOCK_RDM),
					N(SOCK_SEQPACKET), N(SOCK_CLOEXEC), N(SOCK_NONBLOCK)};
static const struct name msgflags[] = {
	N(MSG_OOB), N(MSG_PEEK), N(MSG_DONTROUTE), N(MSG_CTRUNC), N(MSG_TRUNC), N(MSG_DONTWAIT), N(MSG_EOR),
	N(MSG_WAITALL), N(MSG_CONFIRM), N(MSG_ERRQUEUE), N(MSG_NOSIGNAL), N(MSG_MORE), N(MSG_CMSG_CLOEXEC),
};
static const struct name sighows[] = {N(SIG_BLOCK), N(SIG_UNBLOCK), N(SIG_SETMASK)};
static const struct name clocks[] = {
	N(CLOCK_REALTIME), N(CLOCK_MONOTONIC), N(CLOCK_PROCESS_CPUTIME_ID), N(CLOCK_THREAD_CPUTIME_ID),
	N(CLOCK_MONOTONIC_RAW), N(CLOCK_REALTIME_COARSE), N(CLOCK_MONOTONIC_COARSE), N(CLOCK_BOOTTIME),
};
static const struct name futexes[] = {
	N(FUTEX_WAIT), N(FUTEX_WAKE), N(FUTEX_FD), N(FUTEX_REQUEUE), N(FUTEX_CMP_REQUEUE), N(FUTEX_WAKE_OP),
	N(FUTEX_LOCK_PI), N(FUTEX_UNLOCK_PI), N(FUTEX_TRYLOCK_PI), N(FUTEX_WAIT_BITSET),
	N(FUTEX_WAKE_BITSET), N(FUTEX_WAIT_REQUEUE_PI), N(FUTEX_CMP_REQUEUE_PI), {13, "FUTEX_LOCK_PI2"},
	N(FUTEX_PRIVATE_FLAG), N(FUTEX_CLOCK_REALTIME),
};
static const struct name advices[] = {
	N(MADV_NORMAL), N(MADV_RANDOM), N(MADV_SEQUENTIAL), N(MADV_WILLNEED), N(MADV_DONTNEED), N(MADV_FREE),
	N(MADV_REMOVE), N(MADV_DONTFORK), N(MADV_DOFORK), N(MADV_HUGEPAGE), N(MADV_NOHUGEPAGE),
	N(MADV_DONTDUMP), N(MADV_DODUMP), N(MADV_WIPEONFORK), N(MADV_KEEPONFORK), N(MADV_COLD),
	N(MADV_PAGEOUT), N(MADV_POPULATE_READ), N(MADV_POPULATE_WRITE), {102, "MADV_GUARD_INSTALL"},
	{103, "MADV_GUARD_REMOVE"},
};
static const struct name accmodes[] = {N(F_OK), N(R_OK), N(W_OK), N(X_OK)};
static const struct name waitopts[] = {N(WNOHANG), N(WUNTRACED), N(WEXITED), N(WCONTINUED), N(WNOWAIT),
				       {0x20000000, "__WNOTHREAD"}, {0x40000000, "__WALL"},
				       {0x80000000, "__WCLONE"}};
static const struct name epollops[] = {N(EPOLL_CTL_ADD), N(EPOLL_CTL_DEL), N(EPOLL_CTL_MOD)};
static const struct name prctlops[] = {
	N(PR_SET_PDEATHSIG), N(PR_GET_PDEATHSIG), N(PR_GET_DUMPABLE), N(PR_SET_DUMPABLE), N(PR_SET_NAME),
	N(PR_GET_NAME), N(PR_GET_SECCOMP), N(PR_SET_SECCOMP), N(PR_CAPBSET_READ), N(PR_CAPBSET_DROP),
	N(PR_GET_TSC), N(PR_SET_TSC), N(PR_GET_SECUREBITS), N(PR_SET_SECUREBITS), N(PR_SET_TIMERSLACK),
	N(PR_GET_TIMERSLACK), N(PR_SET_MM), N(PR_SET_CHILD_SUBREAPER), N(PR_GET_CHILD_SUBREAPER),
	N(PR_SET_NO_NEW_PRIVS), N(PR_GET_NO_NEW_PRIVS), N(PR_SET_THP_DISABLE), N(PR_CAP_AMBIENT),
	N(PR_SET_PTRACER), {0x53564d41, "PR_SET_VMA"},
};
static const struct name fcntlops[] = {
	N(F_DUPFD), N(F_GETFD), N(F_SETFD), N(F_GETFL), N(F_SETFL), {5, "F_GETLK"}, {6, "F_SETLK"},
	{7, "F_SETLKW"}, N(F_SETOWN), N(F_GETOWN), N(F_SETSIG), N(F_GETSIG), N(F_SETOWN_EX), N(F_GETOWN_EX),
	N(F_OFD_GETLK), N(F_OFD_SETLK), N(F_OFD_SETLKW), N(F_SETLEASE), N(F_GETLEASE), N(F_NOTIFY),
	N(F_DUPFD_CLOEXEC), N(F_SETPIPE_SZ), N(F_GETPIPE_SZ), N(F_ADD_SEALS), N(F_GET_SEALS),
};
static const struct name resources[] = {
	N(RLIMIT_CPU), N(RLIMIT_FSIZE), N(RLIMIT_DATA), N(RLIMIT_STACK), N(RLIMIT_CORE), N(RLIMIT_RSS),
	N(RLIMIT_NPROC), N(RLIMIT_NOFILE), N(RLIMIT_MEMLOCK), N(RLIMIT_AS), N(RLIMIT_LOCKS),
	N(RLIMIT_SIGPENDING), N(RLIMIT_MSGQUEUE), N(RLIMIT_NICE), N(RLIMIT_RTPRIO), N(RLIMIT_RTTIME),
};
static const struct name archops[] = {N(ARCH_SET_GS), N(ARCH_SET_FS), N(ARCH_GET_FS), N(ARCH_GET_GS),
				      N(ARCH_GET_CPUID), N(ARCH_SET_CPUID), {0x3001, "ARCH_CET_STATUS"}};
static const struct name grnds[] = {N(GRND_NONBLOCK), N(GRND_RANDOM), {4, "GRND_INSECURE"}};
static const struct name levels[] = {N(SOL_SOCKET), {0, "SOL_IP"}, {6, "SOL_TCP"}, {17, "SOL_UDP"},
				     {41, "SOL_IPV6"}, {270, "SOL_NETLINK"}};

#define TABLE(t, arr, fl, mask) [T_##t] = {arr, ARRAY_LEN(arr), mask, fl}

static const struct name_table tables[T_COUNT] = {
	TABLE(OPEN, open_flags, 1, O_ACCMODE), TABLE(PROT, prots, 1, 0), TABLE(MAP, maps, 1, 0xf),
	TABLE(CLONE, clones, 1, 0xff), TABLE(WHENCE, whences, 0, 0), TABLE(ATFLAG, atflags, 1, 0),
	TABLE(SOCKFAM, families, 0, 0), TABLE(SOCKTYPE, socktypes, 1, 0xf), TABLE(MSGFLAG, msgflags, 1, 0),
	TABLE(SIGHOW, sighows, 0, 0), TABLE(CLOCK, clocks, 0, 0), TABLE(FUTEXOP, futexes, 1, 0x7f),
	TABLE(MADV, advices, 0, 0), TABLE(ACCMODE, accmodes, 1, 0), TABLE(WAITOPT, waitopts, 1, 0),
	TABLE(EPOLLOP, epollops, 0, 0), TABLE(PRCTLOP, prctlops, 0, 0), TABLE(FCNTLOP, fcntlops, 0, 0),
	TABLE(RESOURCE, resources, 0, 0), TABLE(ARCHOP, archops, 0, 0), TABLE(GRNDFLAG, grnds, 1, 0),
	TABLE(SOCKLEVEL, levels, 0, 0),
};

const struct name_table *name_table(int type)
{
	return type >= 0 && type < T_COUNT && tables[type].names ? &tables[type] : NULL;
}
