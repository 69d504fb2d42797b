/* A system call of the program arrives here instead of in the kernel. Either it is done
 * and recorded in the buffer without a stop, or it is left to the stub's traced
 * `syscall` (it bails) as if nothing had been. Nothing here blocks, and a fault on a
 * pointer of the program's makes the tracer unwind to the bail path: so such pointers
 * are read before the call runs, or after the kernel itself has used them. */
#include "hook.h"

#include <asm/unistd.h>

_Static_assert(offsetof(struct state, rsp) == 32, "runtime.S");
_Static_assert(offsetof(struct state, ret) == 40, "runtime.S");
_Static_assert(offsetof(struct state, result) == 48, "runtime.S");
_Static_assert(offsetof(struct state, cpuids) == 88, "runtime.S");
_Static_assert(offsetof(struct state, tsc_aux) == 104, "calls.S");
_Static_assert(sizeof(struct hook_frame) == 15 * 8, "runtime.S");

typedef int (*handler)(struct hook_frame *f, const struct call_row *row);

static const handler handlers[HOW_MAX] = {
	[HOW_PLAIN] = do_plain,
	[HOW_OPEN] = do_open,
	[HOW_CLOSE] = do_close,
	[HOW_DUP] = do_dup,
	[HOW_DUP_TO] = do_dup_to,
	[HOW_READ] = do_read,
	[HOW_WRITE] = do_write,
	[HOW_READV] = do_readv,
	[HOW_WRITEV] = do_writev,
	[HOW_RECV] = do_recv,
	[HOW_SEND] = do_send,
	[HOW_RECVMSG] = do_recvmsg,
	[HOW_SENDMSG] = do_sendmsg,
	[HOW_ACCEPT] = do_accept,
	[HOW_POLL] = do_poll,
	[HOW_SELECT] = do_select,
	[HOW_EPOLL] = do_epoll,
	[HOW_FUTEX] = do_futex,
	[HOW_FCNTL] = do_fcntl,
	[HOW_IOCTL] = do_ioctl,
	[HOW_FTRUNCATE] = do_ftruncate,
	[HOW_COPY] = do_copy,
	[HOW_SIGPROCMASK] = do_sigprocmask,
	[HOW_SIGACTION] = do_sigaction,
	[HOW_MADVISE] = do_madvise,
	[HOW_WAIT] = do_wait,
	[HOW_MMAP] = do_mmap,
	[HOW_MUNMAP] = do_munmap,
	[HOW_MPROTECT] = do_mprotect,
	[HOW_BRK] = do_brk,
	[HOW_ARCH_PRCTL] = do_arch_prctl,
	[HOW_PRLIMIT] = do_prlimit,
	[HOW_SOCKOPT] = do_sockopt,
	[HOW_NOSYS] = do_nosys,
};

/* rdtsc: the result goes into the buffer like a call's. It may trap here too, so the clock
 * is asked. `ok` is 0 when the tracer must be asked. */
struct tsc {
	uint64_t value, ok;
};

static struct tsc tsc_replay(void)
{
	const struct record *r = (const struct record *)(RUNTIME_BUF + STATE->pos);
	if (STATE->pos >= STATE->used || r->nr != RUNTIME_RDTSC_NR)
		return (struct tsc){0, 0};
	STATE->pos += r->size;
	STATE->tsc_aux = *(const uint64_t *)(r + 1);
	return (struct tsc){(uint64_t)r->result, 1};
}

struct tsc tsc_call(void)
{
	uint64_t ts[2];
	if (STATE->mode == MODE_REPLAY)
		return tsc_replay();
	if (STATE->mode != MODE_RECORD || STATE->want_stop || STATE->off == OFF_ALL ||
	    RUNTIME_BUF_SIZE - STATE->used < ROOM_MIN || raw(__NR_clock_gettime, 1, (uint64_t)ts, 0, 0, 0, 0))
		return (struct tsc){0, 0};
	uint64_t ns = ts[0] * 1000000000 + ts[1] - WORLD->tsc_ns;
	uint64_t v = WORLD->tsc_base + (uint64_t)((unsigned __int128)ns * WORLD->tsc_mult >> 32);
	struct record *r = (struct record *)(RUNTIME_BUF + STATE->used);
	uint64_t *aux = (uint64_t *)(r + 1);
	*r = (struct record){
		.size = sizeof(*r) + 8, .nr = RUNTIME_RDTSC_NR, .nargs = 1, .result = (int64_t)v};
	*aux = STATE->tsc_aux = WORLD->tsc_aux;
	__asm__ volatile("" : : : "memory");
	STATE->used += r->size;
	return (struct tsc){v, 1};
}

static bool passes(uint64_t nr)
{
	return STATE->off == OFF_FILTERED && nr < FILTERED_WORDS * 64 &&
	       STATE->passes[nr / 64] >> (nr % 64) & 1;
}

int hook_call(struct hook_frame *f)
{
	if (STATE->mode == MODE_REPLAY)
		return replay_call(f);
	if (STATE->mode != MODE_RECORD || STATE->want_stop || (STATE->off && !passes(f->rax)) ||
	    f->rax >= RUNTIME_TABLE_SIZE / sizeof(struct call_row))
		return BAIL;
	if (RUNTIME_BUF_SIZE - STATE->used < ROOM_MIN)
		return BAIL; /* time stamps have filled it */
	const struct call_row *row = &TABLE[f->rax];
	handler h = row->how < HOW_MAX ? handlers[row->how] : NULL;
	return h ? h(f, row) : BAIL;
}
