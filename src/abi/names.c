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
	N(O_APPEND), N(O_NONBLOCK), {0x101000, "O_SYNC"}, {0x1000, "O_DSYNC"}, {0x100000, "__O_SYNC"}, N(O_ASYNC),
	N(O_DIRECT), {0x8000, "O_LARGEFILE"}, N(O_NOFOLLOW), N(O_NOATIME), N(O_CLOEXEC), N(O_PATH),
	{0x410000, "O_TMPFILE"}, N(O_DIRECTORY), {0x400000, "__O_TMPFILE"},
};
static const struct name fdflags[] = {N(O_NONBLOCK), N(O_CLOEXEC), N(O_DIRECT)};
static const struct name prots[] = {{0, "PROT_NONE"}, N(PROT_READ), N(PROT_WRITE), N(PROT_EXEC),
				    N(PROT_GROWSDOWN)};
static const struct name maps[] = {
	{0, "MAP_FILE"}, N(MAP_SHARED), N(MAP_PRIVATE), N(MAP_SHARED_VALIDATE), {0x40, "MAP_32BIT"}, N(MAP_FIXED), N(MAP_ANONYMOUS),
	 N(MAP_GROWSDOWN), {0x800, "MAP_DENYWRITE"}, {0x1000, "MAP_EXECUTABLE"}, N(MAP_LOCKED),
	N(MAP_NORESERVE), N(MAP_POPULATE), N(MAP_NONBLOCK), N(MAP_STACK), N(MAP_HUGETLB), N(MAP_SYNC),
	N(MAP_FIXED_NOREPLACE),
};
static const struct name clones[] = {
	N(CLONE_VM), N(CLONE_FS), N(CLONE_FILES), N(CLONE_SIGHAND), N(CLONE_PIDFD),
	N(CLONE_PTRACE), N(CLONE_VFORK), N(CLONE_PARENT), N(CLONE_THREAD), N(CLONE_NEWNS),
	N(CLONE_SYSVSEM), N(CLONE_SETTLS), N(CLONE_PARENT_SETTID), N(CLONE_CHILD_CLEARTID),
	N(CLONE_DETACHED), N(CLONE_UNTRACED), N(CLONE_CHILD_SETTID), N(CLONE_NEWCGROUP), N(CLONE_NEWUTS),
	N(CLONE_NEWIPC), N(CLONE_NEWUSER), N(CLONE_NEWPID), N(CLONE_NEWNET), N(CLONE_IO), {17, "SIGCHLD"},
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
	N(CLOCK_REALTIME_ALARM), N(CLOCK_BOOTTIME_ALARM), N(CLOCK_TAI),
};
static const struct name futexes[] = {
	{0, "FUTEX_WAIT"}, {128, "FUTEX_WAIT_PRIVATE"},
	{1, "FUTEX_WAKE"}, {129, "FUTEX_WAKE_PRIVATE"},
	{2, "FUTEX_FD"}, {130, "FUTEX_FD_PRIVATE"},
	{3, "FUTEX_REQUEUE"}, {131, "FUTEX_REQUEUE_PRIVATE"},
	{4, "FUTEX_CMP_REQUEUE"}, {132, "FUTEX_CMP_REQUEUE_PRIVATE"},
	{5, "FUTEX_WAKE_OP"}, {133, "FUTEX_WAKE_OP_PRIVATE"},
	{6, "FUTEX_LOCK_PI"}, {134, "FUTEX_LOCK_PI_PRIVATE"},
	{7, "FUTEX_UNLOCK_PI"}, {135, "FUTEX_UNLOCK_PI_PRIVATE"},
	{8, "FUTEX_TRYLOCK_PI"}, {136, "FUTEX_TRYLOCK_PI_PRIVATE"},
	{9, "FUTEX_WAIT_BITSET"}, {137, "FUTEX_WAIT_BITSET_PRIVATE"},
	{10, "FUTEX_WAKE_BITSET"}, {138, "FUTEX_WAKE_BITSET_PRIVATE"},
	{11, "FUTEX_WAIT_REQUEUE_PI"}, {139, "FUTEX_WAIT_REQUEUE_PI_PRIVATE"},
	{12, "FUTEX_CMP_REQUEUE_PI"}, {140, "FUTEX_CMP_REQUEUE_PI_PRIVATE"},
	{13, "FUTEX_LOCK_PI2"}, {141, "FUTEX_LOCK_PI2_PRIVATE"},
	{256, "FUTEX_CLOCK_REALTIME"},
};
static const struct name advices[] = {
	N(MADV_NORMAL), N(MADV_RANDOM), N(MADV_SEQUENTIAL), N(MADV_WILLNEED), N(MADV_DONTNEED), N(MADV_FREE),
	N(MADV_REMOVE), N(MADV_DONTFORK), N(MADV_DOFORK), N(MADV_HUGEPAGE), N(MADV_NOHUGEPAGE),
	N(MADV_DONTDUMP), N(MADV_DODUMP), N(MADV_WIPEONFORK), N(MADV_KEEPONFORK), N(MADV_COLD),
	N(MADV_PAGEOUT), N(MADV_POPULATE_READ), N(MADV_POPULATE_WRITE), {102, "MADV_GUARD_INSTALL"},
	{103, "MADV_GUARD_REMOVE"},
};
static const struct name accmodes[] = {{0, "F_OK"}, N(R_OK), N(W_OK), N(X_OK)};
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

static const struct name t_mremapf[] = {
	{0x1, "MREMAP_MAYMOVE"}, {0x2, "MREMAP_FIXED"}, {0x4, "MREMAP_DONTUNMAP"},
};
static const struct name t_msyncf[] = {
	{0x1, "MS_ASYNC"}, {0x2, "MS_INVALIDATE"}, {0x4, "MS_SYNC"},
};
static const struct name t_shut[] = {
	{0, "SHUT_RD"}, {1, "SHUT_WR"}, {2, "SHUT_RDWR"},
};
static const struct name t_fadv[] = {
	{0, "POSIX_FADV_NORMAL"}, {1, "POSIX_FADV_RANDOM"}, {2, "POSIX_FADV_SEQUENTIAL"}, {3, "POSIX_FADV_WILLNEED"}, {4, "POSIX_FADV_DONTNEED"}, {5, "POSIX_FADV_NOREUSE"},
};
static const struct name t_epollcr[] = {
	{0x80000, "EPOLL_CLOEXEC"},
};
static const struct name t_evfdf[] = {
	{1, "EFD_SEMAPHORE"}, {0x80000, "EFD_CLOEXEC"}, {0x800, "EFD_NONBLOCK"},
};
static const struct name t_inotifyf[] = {
	{0x80000, "IN_CLOEXEC"}, {0x800, "IN_NONBLOCK"},
};
static const struct name t_inmask[] = {
	{0x1, "IN_ACCESS"}, {0x2, "IN_MODIFY"}, {0x4, "IN_ATTRIB"}, {0x8, "IN_CLOSE_WRITE"}, {0x10, "IN_CLOSE_NOWRITE"}, {0x20, "IN_OPEN"}, {0x40, "IN_MOVED_FROM"}, {0x80, "IN_MOVED_TO"}, {0x100, "IN_CREATE"}, {0x200, "IN_DELETE"}, {0x400, "IN_DELETE_SELF"}, {0x800, "IN_MOVE_SELF"}, {0x2000, "IN_UNMOUNT"}, {0x4000, "IN_Q_OVERFLOW"}, {0x8000, "IN_IGNORED"}, {0x1000000, "IN_ONLYDIR"}, {0x2000000, "IN_DONT_FOLLOW"}, {0x4000000, "IN_EXCL_UNLINK"}, {0x10000000, "IN_MASK_CREATE"}, {0x20000000, "IN_MASK_ADD"}, {0x40000000, "IN_ISDIR"}, {0x80000000, "IN_ONESHOT"},
};
static const struct name t_itimerw[] = {
	{0, "ITIMER_REAL"}, {1, "ITIMER_VIRTUAL"}, {2, "ITIMER_PROF"},
};
static const struct name t_rusagew[] = {
	{0, "RUSAGE_SELF"}, {0xffffffff, "RUSAGE_CHILDREN"}, {1, "RUSAGE_THREAD"},
};
static const struct name t_priow[] = {
	{0, "PRIO_PROCESS"}, {1, "PRIO_PGRP"}, {2, "PRIO_USER"},
};
static const struct name t_schedpol[] = {
	{0, "SCHED_OTHER"}, {1, "SCHED_FIFO"}, {2, "SCHED_RR"}, {3, "SCHED_BATCH"}, {5, "SCHED_IDLE"}, {6, "SCHED_DEADLINE"}, {7, "SCHED_EXT"}, {0x40000000, "SCHED_RESET_ON_FORK"},
};
static const struct name t_statxmask[] = {
	{0xfff, "STATX_ALL"}, {0x7ff, "STATX_BASIC_STATS"}, {0x1, "STATX_TYPE"}, {0x2, "STATX_MODE"}, {0x4, "STATX_NLINK"}, {0x8, "STATX_UID"}, {0x10, "STATX_GID"}, {0x20, "STATX_ATIME"}, {0x40, "STATX_MTIME"}, {0x80, "STATX_CTIME"}, {0x100, "STATX_INO"}, {0x200, "STATX_SIZE"}, {0x400, "STATX_BLOCKS"}, {0x800, "STATX_BTIME"}, {0x1000, "STATX_MNT_ID"}, {0x2000, "STATX_DIOALIGN"},
};
static const struct name t_xattrf[] = {
	{0x1, "XATTR_CREATE"}, {0x2, "XATTR_REPLACE"},
};
static const struct name t_renamef[] = {
	{0x1, "RENAME_NOREPLACE"}, {0x2, "RENAME_EXCHANGE"}, {0x4, "RENAME_WHITEOUT"},
};
static const struct name t_mfdf[] = {
	{0x1, "MFD_CLOEXEC"}, {0x2, "MFD_ALLOW_SEALING"}, {0x4, "MFD_HUGETLB"}, {0x8, "MFD_NOEXEC_SEAL"}, {0x10, "MFD_EXEC"},
};
static const struct name t_membarrier[] = {
	{0, "MEMBARRIER_CMD_QUERY"}, {0x1, "MEMBARRIER_CMD_GLOBAL"}, {0x2, "MEMBARRIER_CMD_GLOBAL_EXPEDITED"}, {0x4, "MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED"}, {0x8, "MEMBARRIER_CMD_PRIVATE_EXPEDITED"}, {0x10, "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED"}, {0x20, "MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE"}, {0x40, "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE"}, {0x80, "MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ"}, {0x100, "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ"},
};
static const struct name t_tfdf[] = {
	{0x80000, "TFD_CLOEXEC"}, {0x800, "TFD_NONBLOCK"},
};
static const struct name t_timerf[] = {
	{1, "TIMER_ABSTIME"},
};
static const struct name t_fallocf[] = {
	{0x1, "FALLOC_FL_KEEP_SIZE"}, {0x2, "FALLOC_FL_PUNCH_HOLE"}, {0x4, "FALLOC_FL_NO_HIDE_STALE"}, {0x8, "FALLOC_FL_COLLAPSE_RANGE"}, {0x10, "FALLOC_FL_ZERO_RANGE"}, {0x20, "FALLOC_FL_INSERT_RANGE"}, {0x40, "FALLOC_FL_UNSHARE_RANGE"},
};
static const struct name t_splicef[] = {
	{0x1, "SPLICE_F_MOVE"}, {0x2, "SPLICE_F_NONBLOCK"}, {0x4, "SPLICE_F_MORE"}, {0x8, "SPLICE_F_GIFT"},
};
static const struct name t_mountf[] = {
	{0x1, "MS_RDONLY"}, {0x2, "MS_NOSUID"}, {0x4, "MS_NODEV"}, {0x8, "MS_NOEXEC"}, {0x10, "MS_SYNCHRONOUS"}, {0x20, "MS_REMOUNT"}, {0x40, "MS_MANDLOCK"}, {0x80, "MS_DIRSYNC"}, {0x100, "MS_NOSYMFOLLOW"}, {0x400, "MS_NOATIME"}, {0x800, "MS_NODIRATIME"}, {0x1000, "MS_BIND"}, {0x2000, "MS_MOVE"}, {0x4000, "MS_REC"}, {0x8000, "MS_SILENT"}, {0x10000, "MS_POSIXACL"}, {0x20000, "MS_UNBINDABLE"}, {0x40000, "MS_PRIVATE"}, {0x80000, "MS_SLAVE"}, {0x100000, "MS_SHARED"}, {0x200000, "MS_RELATIME"}, {0x400000, "MS_KERNMOUNT"}, {0x800000, "MS_I_VERSION"}, {0x1000000, "MS_STRICTATIME"}, {0x2000000, "MS_LAZYTIME"},
};
static const struct name t_umountf[] = {
	{1, "MNT_FORCE"}, {2, "MNT_DETACH"}, {4, "MNT_EXPIRE"}, {8, "UMOUNT_NOFOLLOW"},
};
static const struct name t_lockop[] = {
	{1, "LOCK_SH"}, {2, "LOCK_EX"}, {4, "LOCK_NB"}, {8, "LOCK_UN"},
};
static const struct name t_mlockf[] = {
	{0x1, "MCL_CURRENT"}, {0x2, "MCL_FUTURE"}, {0x4, "MCL_ONFAULT"},
};
static const struct name t_rwf[] = {
	{0x1, "RWF_HIPRI"}, {0x2, "RWF_DSYNC"}, {0x4, "RWF_SYNC"}, {0x8, "RWF_NOWAIT"}, {0x10, "RWF_APPEND"},
};
static const struct name t_sockf[] = {
	{0x80000, "SOCK_CLOEXEC"}, {0x800, "SOCK_NONBLOCK"},
};
static const struct name t_idtype[] = {
	{0, "P_ALL"}, {1, "P_PID"}, {2, "P_PGID"}, {3, "P_PIDFD"},
};
static const struct name t_faccessf[] = {
	{0x100, "AT_SYMLINK_NOFOLLOW"}, {0x200, "AT_EACCESS"}, {0x1000, "AT_EMPTY_PATH"},
};
static const struct name tfd_timer_flags[] = {{1, "TFD_TIMER_ABSTIME"}, {2, "TFD_TIMER_CANCEL_ON_SET"}};
static const struct name statx_flags[] = {
	{0, "AT_STATX_SYNC_AS_STAT"}, {0x2000, "AT_STATX_FORCE_SYNC"}, {0x4000, "AT_STATX_DONT_SYNC"},
	N(AT_SYMLINK_NOFOLLOW), N(AT_NO_AUTOMOUNT), N(AT_EMPTY_PATH),
};
static const struct name t_unlinkf[] = {
	{0x200, "AT_REMOVEDIR"},
};
static const struct name t_seccompop[] = {
	{0, "SECCOMP_SET_MODE_STRICT"}, {1, "SECCOMP_SET_MODE_FILTER"}, {2, "SECCOMP_GET_ACTION_AVAIL"}, {3, "SECCOMP_GET_NOTIF_SIZES"},
};
static const struct name t_closerangef[] = {
	{2, "CLOSE_RANGE_UNSHARE"}, {4, "CLOSE_RANGE_CLOEXEC"},
};

#define TABLE(t, arr, fl, mask) [T_##t] = {arr, ARRAY_LEN(arr), mask, fl, NULL}

static const struct name_table tables[T_COUNT] = {
	TABLE(OPEN, open_flags, 1, O_ACCMODE), TABLE(PROT, prots, 1, 0), TABLE(MAP, maps, 1, 0xf),
	TABLE(CLONE, clones, 1, 0xff), TABLE(WHENCE, whences, 0, 0), TABLE(ATFLAG, atflags, 1, 0),
	TABLE(SOCKFAM, families, 0, 0), TABLE(SOCKTYPE, socktypes, 1, 0xf), TABLE(MSGFLAG, msgflags, 1, 0),
	TABLE(SIGHOW, sighows, 0, 0), TABLE(CLOCK, clocks, 0, 0), TABLE(FUTEXOP, futexes, 1, 0xff),
	TABLE(MADV, advices, 0, 0), TABLE(ACCMODE, accmodes, 1, 0), TABLE(WAITOPT, waitopts, 1, 0),
	TABLE(EPOLLOP, epollops, 0, 0), TABLE(PRCTLOP, prctlops, 0, 0), TABLE(FCNTLOP, fcntlops, 0, 0),
	TABLE(RESOURCE, resources, 0, 0), TABLE(ARCHOP, archops, 0, 0), TABLE(GRNDFLAG, grnds, 1, 0),
	TABLE(SOCKLEVEL, levels, 0, 0),
	TABLE(FDFLAG, fdflags, 1, 0), TABLE(UNSHAREF, clones, 1, 0),
	TABLE(MREMAPF, t_mremapf, 1, 0),
	TABLE(MSYNCF, t_msyncf, 1, 0),
	TABLE(SHUT, t_shut, 0, 0),
	TABLE(FADV, t_fadv, 0, 0),
	TABLE(EPOLLCR, t_epollcr, 1, 0),
	TABLE(EVFDF, t_evfdf, 1, 0),
	TABLE(INOTIFYF, t_inotifyf, 1, 0),
	TABLE(INMASK, t_inmask, 1, 0),
	TABLE(ITIMERW, t_itimerw, 0, 0),
	TABLE(RUSAGEW, t_rusagew, 0, 0),
	TABLE(PRIOW, t_priow, 0, 0),
	TABLE(SCHEDPOL, t_schedpol, 1, 0x3fffffff),
	TABLE(STATXMASK, t_statxmask, 1, 0),
	TABLE(XATTRF, t_xattrf, 1, 0),
	TABLE(RENAMEF, t_renamef, 1, 0),
	TABLE(MFDF, t_mfdf, 1, 0),
	TABLE(MEMBARRIER, t_membarrier, 1, 0),
	TABLE(TFDF, t_tfdf, 1, 0),
	TABLE(TIMERF, t_timerf, 1, 0),
	TABLE(FALLOCF, t_fallocf, 1, 0),
	TABLE(SPLICEF, t_splicef, 1, 0),
	TABLE(MOUNTF, t_mountf, 1, 0),
	TABLE(UMOUNTF, t_umountf, 1, 0),
	TABLE(LOCKOP, t_lockop, 1, 0),
	TABLE(MLOCKF, t_mlockf, 1, 0),
	TABLE(RWF, t_rwf, 1, 0),
	TABLE(SOCKF, t_sockf, 1, 0),
	TABLE(IDTYPE, t_idtype, 0, 0),
	TABLE(FACCESSF, t_faccessf, 1, 0),
	TABLE(TFDTIMERF, tfd_timer_flags, 1, 0),
	TABLE(STATXF, statx_flags, 1, 0x6000),
	TABLE(UNLINKF, t_unlinkf, 1, 0),
	TABLE(SECCOMPOP, t_seccompop, 0, 0),
	TABLE(CLOSERANGEF, t_closerangef, 1, 0),
};

const struct name_table *name_table(int type)
{
	return type >= 0 && type < T_COUNT && tables[type].names ? &tables[type] : NULL;
}
