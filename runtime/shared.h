/* What the runtime inside a tracee and the tracer outside both read and write.
 * docs/runtime.md explains; the records are part of the trace format. */
#ifndef RUNTIME_SHARED_H
#define RUNTIME_SHARED_H

#include <stdbool.h>
#include <stdint.h>

/* Registers that the hook saves, lowest address first, on the runtime's stack; they end
 * at RUNTIME_STACK_TOP. */
struct hook_frame {
	uint64_t rax, rdi, rsi, rdx, r10, r8, r9;
	uint64_t rbx, rbp, r12, r13, r14, r15;
	uint64_t bail; /* address of the traced `syscall` in the stub */
	uint64_t flags;
};

enum run_mode { MODE_REPLAY, MODE_RECORD };

/* What is not buffered. */
enum buffering {
	OFF_NOTHING,
	OFF_ALL,
	OFF_FILTERED, /* calls that a seccomp filter of the program's may not allow */
};
#define FILTERED_WORDS 8 /* of 64 numbers each: all calls that there are */

#define KEEP_MAX 128

/* One page of each address space. */
struct state {
	uint32_t mode;	    /* enum run_mode */
	uint32_t want_stop; /* the recorder wants the next call to be traced */
	uint32_t off;	    /* enum buffering */
	uint32_t busy;	    /* in a call that depends on what `world` says */
	uint32_t fds_off;   /* RUNTIME_FDS does not describe the running task's descriptors */
	uint32_t sighand;   /* other tasks share the running one's actions for signals */
	uint32_t threads;   /* several tasks share the memory */
	uint32_t maps_off;  /* calls that change the address space are the recorder's */
	uint64_t rsp;	 /* of the program, while the hook or a cpuid stub runs */
	uint64_t ret;	 /* at a station: where the program goes on, */
	uint64_t result; /* and with what in rax */
	uint64_t used;	 /* record: bytes of complete records in the buffer */
	uint64_t pos;	 /* replay: bytes consumed */
	uint64_t mask;	 /* what the task blocks, where mask_known */
	uint64_t mask_known;
	uint64_t cpuids;      /* rows of RUNTIME_CPUID_TABLE */
	uint64_t brk;	      /* the program's break; 0: not known */
	uint64_t tsc_aux;     /* with the last rdtsc: for the stub of rdtscp */
	uint64_t diverged[3]; /* replay: what differs (enum differs), wanted, have */
	uint64_t actions;     /* counts changes of what is done with signals */
	uint64_t nkeep;	      /* memory that calls must not change unseen: text and stubs of images */
	struct {
		uint64_t lo, hi;
	} keep[KEEP_MAX];
	uint64_t passes[FILTERED_WORDS]; /* with OFF_FILTERED: bit of each number that is buffered */
};

enum differs { DIFFERS_CALL, DIFFERS_ARG /* + number */, DIFFERS_MEMORY = 8 };

struct cpuid_row {
	uint32_t leaf, sub, a, b, c, d;
};
#define CPUID_ROWS 150

/* What xsave and xsavec store on this CPU. */
#define XSAVE_PARTS 32
struct xsave_layout {
	uint64_t parts;	     /* state components that the kernel switches (XCR0) */
	uint32_t mxcsr_mask; /* as the CPU stores it */
	uint32_t aligned;    /* components that begin at multiples of 64 in the compacted format */
	uint32_t size[XSAVE_PARTS]; /* of components, bytes; from the third on */
};

/* What a descriptor is: class in the low byte, generation above. 0: not known. */
enum fd_class {
	FD_UNKNOWN,
	FD_ASK,	    /* let the recorder see every call */
	FD_FILE,    /* a regular file or directory; writes only where the generation is current */
	FD_MEMORY,  /* /dev/null, zero, full, random, urandom */
	FD_PIPE,
	FD_SOCKET,
	FD_OTHER, /* eventfd, epoll, timerfd, ...: may block */
};
#define FD_CLASS(e) ((e)&0xff)
#define FDS_MAX 1024

/* One page that all tracees read, and only the recorder writes. */
struct world {
	uint32_t generation; /* counts files that came to be mapped */
	uint32_t pad;
	uint64_t proc_dev; /* st_dev of /proc */
	uint64_t sys_dev;  /* of /sys, where the program is to see other things there; else 0 */
	struct {
		uint64_t dev, ino, rdev;
	} output[2]; /* the recorder's own standard output and error */
	uint64_t tsc_ns, tsc_base, tsc_mult; /* rdtsc from the monotonic clock; mult: per ns, << 32 */
	uint64_t tsc_aux;		     /* what rdtscp says of the CPU */
	uint64_t mapped[256]; /* Bloom filter of files that somebody maps */
};
#define MAPPED_BITS (256 * 64)

/* Which bit of world.mapped a file has. */
static inline uint32_t mapped_bit(uint64_t dev, uint64_t ino)
{
	uint64_t h = (ino ^ dev << 40 ^ dev >> 24) * 0x9e3779b97f4a7c15ull;
	return (uint32_t)(h >> 50) % MAPPED_BITS;
}

/* How the hook treats a call. */
enum how {
	HOW_TRACED, /* always the recorder's */
	HOW_PLAIN,  /* run it: it cannot block, and its row says all it writes */
	HOW_OPEN,
	HOW_CLOSE,
	HOW_DUP,
	HOW_DUP_TO,
	HOW_READ,
	HOW_WRITE,
	HOW_READV,
	HOW_WRITEV,
	HOW_RECV,
	HOW_SEND,
	HOW_RECVMSG,
	HOW_SENDMSG,
	HOW_ACCEPT,
	HOW_POLL,
	HOW_SELECT,
	HOW_EPOLL,
	HOW_FUTEX,
	HOW_FCNTL,
	HOW_IOCTL,
	HOW_FTRUNCATE,
	HOW_COPY,
	HOW_SIGPROCMASK,
	HOW_SIGACTION,
	HOW_MADVISE,
	HOW_WAIT,
	HOW_MMAP,
	HOW_MUNMAP,
	HOW_MPROTECT,
	HOW_BRK,
	HOW_ARCH_PRCTL,
	HOW_PRLIMIT,
	HOW_SOCKOPT,
	HOW_NOSYS,
	HOW_MAX
};

enum odd_sockopt {
	SOCKOPT_PLAIN,
	SOCKOPT_ELSEWHERE, /* the kernel writes behind a pointer in the option */
	SOCKOPT_REFUSED,   /* and goes on to do so after the call */
};

/* What getsockopt (`get`) or setsockopt does with an option, beside what its arguments say. */
static inline enum odd_sockopt odd_sockopt(int get, uint32_t level, uint32_t option)
{
	if (get)
		return level == 6 && option == 35 /* TCP_ZEROCOPY_RECEIVE */ ? SOCKOPT_ELSEWHERE : SOCKOPT_PLAIN;
	if (level == 283 /* SOL_XDP */ && option == 4 /* XDP_UMEM_REG */)
		return SOCKOPT_REFUSED;
	/* IPT_, ARPT_, EBT_SO_SET_REPLACE and their kin store the counters of the old tables. */
	bool tables = level == 0 && (option == 64 || option == 96 || option == 128 || option == 129);
	return tables || (level == 41 && option == 64) ? SOCKOPT_ELSEWHERE : SOCKOPT_PLAIN;
}

/* What of an argument goes into a record. */
enum piece {
	PIECE_NONE,
	PIECE_PATH,   /* in: a string */
	PIECE_FIXED,  /* out: `size` bytes, when the call succeeded */
	PIECE_RESULT, /* out: result x size bytes, at most argument `arg` x size */
	PIECE_COUNT,  /* out: argument `arg` x size bytes, when the call succeeded */
	PIECE_LENPTR, /* out: as the u32 behind argument `arg` says after the call, at most before */
};

struct call_row {
	uint8_t how, nargs;
	struct {
		uint8_t kind : 4, arg : 4; /* enum piece */
	} piece[6];
	uint16_t size[6]; /* of an element */
};

/* A call in the buffer: this, nargs arguments, pieces. */
struct record {
	uint32_t size; /* of all of it, a multiple of 8 */
	uint16_t nr;
	uint8_t nargs, flags;
	int64_t result;
};

enum record_flag {
	REC_STATION = 1, /* the task stops after it */
	REC_REDO = 2,	 /* replay makes the call too (runtime/maps.c) */
	REC_FILE = 4,	 /* a file was mapped: the recorder describes it at the station */
	REC_CATCH = 8,	 /* not in traces: the task stops at the start of the call */
};

/* PIECE_EXTRA is no memory: its addr is a value that redoing the call needs. */
enum { PIECE_OUT, PIECE_IN, PIECE_EXTRA };

/* A piece: this, then len bytes, filled up to a multiple of 8. */
struct piece_head {
	uint64_t addr;
	uint32_t len, kind;
};

#endif
