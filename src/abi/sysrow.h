/* The one table of system calls. A row says all that recorder, replayer, printer
 * and views need to know about a call; abi/systable.c holds the rows of Linux
 * 6.18 for x86-64. */
#ifndef ABI_SYSROW_H
#define ABI_SYSROW_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/types.h"

/* What an argument is. */
enum arg_kind {
	K_NONE,
	K_VAL,	    /* a value; the type says how it prints */
	K_STR,	    /* in: a NUL-terminated string */
	K_STRV,	    /* in: a NULL-terminated array of strings */
	K_IN,	    /* in: memory */
	K_OUT,	    /* out: memory */
	K_INOUT,    /* memory read and written */
	K_IOV_IN,   /* struct iovec[]: data that the kernel reads */
	K_IOV_OUT,  /* struct iovec[]: data that the kernel writes, result bytes in all */
	K_MSG_IN,   /* struct msghdr of sendmsg */
	K_MSG_OUT,  /* struct msghdr of recvmsg */
	K_MMSG_IN,  /* struct mmsghdr[] of sendmmsg */
	K_MMSG_OUT, /* struct mmsghdr[] of recvmmsg */
};

/* How many elements of its type a memory argument has. */
enum len_rule {
	LEN_ONE,  /* one */
	LEN_ARG,  /* as many as argument `arg` says */
	LEN_RET,  /* as many as the result says, at most argument `arg` */
	LEN_PTR,  /* as the u32 that argument `arg` points to says, before and after */
	LEN_BITS, /* fd_set: argument `arg` bits, in whole longs */
};

struct arg_spec {
	uint8_t kind; /* enum arg_kind */
	uint8_t type; /* enum abi_type */
	uint8_t len;  /* enum len_rule */
	uint8_t arg;  /* the argument the rule names */
};

/* What the recorder must do beyond the row: most calls need nothing. */
enum sys_class {
	C_PLAIN,
	C_NOSYS, /* cannot be recorded: fails with ENOSYS as on an older kernel */
	C_PERM,	 /* cannot be recorded: fails with EPERM as on a locked-down kernel */
	C_MMAP,
	C_MUNMAP,
	C_MREMAP,
	C_BRK,
	C_MPROTECT,
	C_MADVISE,
	C_SHMAT,
	C_SHMDT,
	C_CLONE,
	C_EXEC,
	C_EXIT,
	C_SIGRETURN,
	C_PRCTL,
	C_ARCH_PRCTL,
	C_IOCTL,
	C_FCNTL,
	C_SOCKOPT,
	C_FUTEX,
	C_SETAFFINITY,
	C_GETAFFINITY,
	C_SECCOMP,
	C_SET_TID,
	C_SETRLIMIT,
	C_PRLIMIT,
	C_IPCCTL,
	C_RESTART,
	C_VMWRITE,
	C_VMSPLICE,
	C_PKEY,	 /* protection keys: as on a CPU without them */
	C_QUOTA, /* by command: those in the table of abi/special.c, else EPERM */
	C_KEYCTL,
	C_PMADVISE,
	C_PERSONALITY,
	C_PTRACE,
	C_WAIT,
	C_SCHED, /* sets or tells the policy of the task that the first argument names */
};

enum sys_flag {
	F_BLOCK = 1,	/* may block: out-buffers go through scratch memory (DESIGN 2.6) */
	F_SIGNAL = 2,	/* a signal may be due before the call returns: it sends or waits */
	F_WRITES = 4,	/* writes through a file descriptor: may change a mapped file */
	F_HEX = 8,	/* the result prints in hexadecimal */
	F_ENTRY = 16,	/* always gets an entry event of its own: it may not come back */
	F_EINTR = 32,	/* interrupted, it may return EINTR, not -ERESTART*; the kernel can make it
			   again as if nothing had been. Its times are relative */
	F_FD = 128,	/* the result is a new descriptor */
	F_PARTIAL = 64, /* interrupted, it may return with a part of its work done */
};

struct sysrow {
	const char *name;
	struct arg_spec args[6];
	uint8_t cls;
	uint8_t flags;
};

#define SYS_MAX 470

/* The row of call `nr`; a row named NULL-free "unknown" of class C_NOSYS when there is none. */
const struct sysrow *sys_row(int64_t nr);
/* Its name, or "syscall_N" in a buffer that the next such call overwrites. */
const char *sys_name(int64_t nr);
/* The number of the call named `name`, or -1. */
int sys_number(const char *name);

#endif
