/* The runtime's C code, shared by its files. It runs inside the program, on a stack of
 * its own, and must not block, call the C library, or touch vector registers. */
#ifndef RUNTIME_HOOK_H
#define RUNTIME_HOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layout.h"
#include "shared.h"

#define STATE ((volatile struct state *)RUNTIME_STATE)
#define WORLD ((const volatile struct world *)RUNTIME_WORLD)
#define TABLE ((const struct call_row *)RUNTIME_TABLE)
#define FDS ((volatile uint32_t *)RUNTIME_FDS)

enum { BAIL, DONE, STATION };

#define DATA_MAX 0x40000 /* bytes of data in one record */
/* What must be left of the buffer for a call to begin: data, two paths, the rest. */
#define ROOM_MIN (DATA_MAX + 0x4000)

#define EINTR 4
#define EAGAIN 11
#define EFAULT 14
#define O_NONBLOCK 04000

/* The arguments of the call, in order. */
static inline uint64_t arg(const struct hook_frame *f, unsigned i)
{
	switch (i) {
	case 0:
		return f->rdi;
	case 1:
		return f->rsi;
	case 2:
		return f->rdx;
	case 3:
		return f->r10;
	case 4:
		return f->r8;
	}
	return f->r9;
}

/* --- calls.S --- */
/* A system call that nobody sees. */
long raw_call(const uint64_t args[6], long nr);
/* The program's own call. */
long raw_frame(const struct hook_frame *f);
/* Stop for the tracer: the call is not the recorded one (struct state, diverged); or it is one that a debugger wants
 * to know of. */
void diverge_call(void);
void catch_call(void);

static inline long raw(long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t g)
{
	const uint64_t args[6] = {a, b, c, d, e, g};
	return raw_call(args, nr);
}

static inline void copy(void *to, const void *from, uint64_t n)
{
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
}

/* --- rec.c: records --- */
struct recording {
	struct record *rec;
	uint8_t *end; /* where the next piece goes */
};

struct recording rec_begin(const struct hook_frame *f, const struct call_row *row);
void rec_piece(struct recording *r, uint32_t kind, uint64_t addr, uint64_t len);
/* The start of what a call wrote from the program's memory: for people, and a check. */
void rec_sample(struct recording *r, uint64_t addr, uint64_t len);
void rec_path(struct recording *r, uint64_t addr);
/* The call is over with `result`. DONE or STATION. */
int rec_end(struct recording *r, struct hook_frame *f, int64_t result);
/* What the row says: all a call reads or writes that is described there. */
int rec_row(struct hook_frame *f, const struct call_row *row, int64_t result, uint64_t len_before);
int do_plain(struct hook_frame *f, const struct call_row *row);

/* --- replay.c --- */
int replay_call(struct hook_frame *f);

/* --- files.c --- */
int do_open(struct hook_frame *f, const struct call_row *row);
int do_close(struct hook_frame *f, const struct call_row *row);
int do_dup(struct hook_frame *f, const struct call_row *row);
int do_dup_to(struct hook_frame *f, const struct call_row *row);
int do_read(struct hook_frame *f, const struct call_row *row);
int do_write(struct hook_frame *f, const struct call_row *row);
int do_readv(struct hook_frame *f, const struct call_row *row);
int do_writev(struct hook_frame *f, const struct call_row *row);
int do_fcntl(struct hook_frame *f, const struct call_row *row);
int do_ioctl(struct hook_frame *f, const struct call_row *row);
int do_ftruncate(struct hook_frame *f, const struct call_row *row);
int do_copy(struct hook_frame *f, const struct call_row *row);
/* enum fd_class of a descriptor; FD_ASK where it cannot be known. */
uint32_t fd_class(uint64_t fd);
bool fd_nonblocking(uint64_t fd);
/* May `n` bytes be sent without blocking, and all of them? */
bool fd_takes(uint64_t fd, uint64_t n);

/* --- waits.c: calls that wait, where they need not --- */
int do_recv(struct hook_frame *f, const struct call_row *row);
int do_send(struct hook_frame *f, const struct call_row *row);
int do_recvmsg(struct hook_frame *f, const struct call_row *row);
int do_sendmsg(struct hook_frame *f, const struct call_row *row);
int do_accept(struct hook_frame *f, const struct call_row *row);
int do_poll(struct hook_frame *f, const struct call_row *row);
int do_select(struct hook_frame *f, const struct call_row *row);
int do_epoll(struct hook_frame *f, const struct call_row *row);
int do_futex(struct hook_frame *f, const struct call_row *row);
int do_wait(struct hook_frame *f, const struct call_row *row);
int do_sigprocmask(struct hook_frame *f, const struct call_row *row);
int do_sigaction(struct hook_frame *f, const struct call_row *row);
int do_prlimit(struct hook_frame *f, const struct call_row *row);
int do_sockopt(struct hook_frame *f, const struct call_row *row);
int do_nosys(struct hook_frame *f, const struct call_row *row);

/* --- maps.c --- */
int do_mmap(struct hook_frame *f, const struct call_row *row);
int do_munmap(struct hook_frame *f, const struct call_row *row);
int do_mprotect(struct hook_frame *f, const struct call_row *row);
int do_brk(struct hook_frame *f, const struct call_row *row);
int do_madvise(struct hook_frame *f, const struct call_row *row);
int do_arch_prctl(struct hook_frame *f, const struct call_row *row);
/* Replay: make the call of a record with REC_REDO. */
void redo(const struct record *r);

#endif
