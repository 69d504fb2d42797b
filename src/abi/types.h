/* clang-format off */
/* Types of system call arguments: how large they are, how they print. */
#ifndef ABI_TYPES_H
#define ABI_TYPES_H

#include <stddef.h>
#include <stdint.h>

/* X(name, bytes of one element; 0 for plain values) */
#define ABI_TYPES(X)                                                                               \
	X(INT, 0) X(UINT, 0) X(LONG, 0) X(HEX, 0) X(OCT, 0) X(PTR, 0) X(FD, 0) X(ATFD, 0)          \
	X(SIG, 0) X(PID, 0) X(OPEN, 0) X(PROT, 0) X(MAP, 0) X(CLONE, 0) X(WHENCE, 0) X(ATFLAG, 0)  \
	X(SOCKFAM, 0) X(SOCKTYPE, 0) X(MSGFLAG, 0) X(SIGHOW, 0) X(CLOCK, 0) X(FUTEXOP, 0)          \
	X(MADV, 0) X(ACCMODE, 0) X(WAITOPT, 0) X(EPOLLOP, 0) X(PRCTLOP, 0) X(FCNTLOP, 0)           \
	X(IOCTLOP, 0) X(RESOURCE, 0) X(ARCHOP, 0) X(GRNDFLAG, 0) X(SOCKLEVEL, 0) X(MSEC, 0) X(UID, 0) X(U32V, 0) X(MODE, 0) X(DEV, 0)    \
	X(FDFLAG, 0) X(MREMAPF, 0) X(MSYNCF, 0) X(SHUT, 0) X(FADV, 0) X(EPOLLCR, 0) X(EVFDF, 0) X(INOTIFYF, 0) \
	X(INMASK, 0) X(ITIMERW, 0) X(RUSAGEW, 0) X(PRIOW, 0) X(SCHEDPOL, 0) X(STATXMASK, 0) X(XATTRF, 0)  \
	X(RENAMEF, 0) X(MFDF, 0) X(MEMBARRIER, 0) X(TFDF, 0) X(TIMERF, 0) X(FALLOCF, 0) X(SPLICEF, 0)      \
	X(MOUNTF, 0) X(UMOUNTF, 0) X(LOCKOP, 0) X(MLOCKF, 0) X(RWF, 0) X(SOCKF, 0) X(IDTYPE, 0)          \
	X(FACCESSF, 0) X(UNLINKF, 0) X(STATXF, 0) X(SECCOMPOP, 0) X(UNSHAREF, 0) X(CLOSERANGEF, 0) X(TEXT, 1) X(RANDOM, 1) X(CPUSET, 1) X(TFDTIMERF, 0)        \
	X(BYTES, 1) X(PATH, 1) X(I32, 4) X(U32, 4) X(U64, 8) X(U16, 2) X(FDPAIR, 8)                \
	X(TIMESPEC, 16) X(TIMEVAL, 16) X(ITIMERSPEC, 32) X(ITIMERVAL, 32) X(TIMEZONE, 8)           \
	X(UTIMES, 32) X(STAT, 144) X(STATX, 256) X(STATFS, 120) X(RUSAGE, 144) X(SIGSET, 8)        \
	X(SIGACTION, 32) X(SIGINFO, 128) X(STACKT, 24) X(POLLFD, 8) X(EPOLL_EVENT, 12)             \
	X(FDSET, 8) X(RLIMIT, 16) X(SYSINFO, 112) X(UTSNAME, 390) X(TMS, 32) X(IOVEC, 16)          \
	X(SOCKADDR, 1) X(TIMEX, 208) X(DIRENTS, 1) X(CAPHDR, 8) X(CAPDATA, 24) X(SIGEVENT, 64)     \
	X(MQ_ATTR, 64) X(SCHED_PARAM, 4) X(SCHED_ATTR, 1) X(CLONE_ARGS, 1) X(OPEN_HOW, 1)          \
	X(USTAT, 32) X(SEMBUF, 6) X(MSGBUF, 1) X(SIGMASKARG, 16) X(FILE_HANDLE, 8) X(MOUNT_ATTR, 1) \
	X(WAITV, 24) X(CACHESTAT_RANGE, 16) X(CACHESTAT, 32) X(GETCPU_CACHE, 128) X(DQBLK, 1)      \
	X(WSTATUS, 4) X(XATTR_ARGS, 1) X(FILE_ATTR, 1) X(MNT_REQ, 24) X(SIGMASK, 8)

enum abi_type {
#define X(name, size) T_##name,
	ABI_TYPES(X)
#undef X
	T_COUNT
};

/* Bytes of one element of `type`; 0 for plain values. */
size_t abi_type_size(enum abi_type type);

#endif
