/* Calls that may wait: they are tried without waiting, and left to the recorder when
 * that is what they would do. */
#include "hook.h"

#include <asm/unistd.h>

#define MSG_DONTWAIT 0x40
#define POLL_MAX 32
#define IOV_MAX 16

struct msghdr {
	uint64_t name;
	uint32_t namelen, pad;
	uint64_t iov, iovlen, control, controllen;
	uint32_t flags, pad2;
};

struct iovec {
	uint64_t base, len;
};

/* A frame with other flags for the call that is really made. */
static int64_t with_flags(const struct hook_frame *f, uint64_t flags)
{
	struct hook_frame g = *f;
	if (f->rax == __NR_recvfrom || f->rax == __NR_sendto)
		g.r10 = flags;
	else
		g.rdx = flags;
	return raw_frame(&g);
}

static bool would_wait(const struct hook_frame *f, int64_t r, uint64_t flags)
{
	return r == -EAGAIN && !(flags & MSG_DONTWAIT) && !fd_nonblocking(f->rdi);
}

int do_recv(struct hook_frame *f, const struct call_row *row)
{
	uint64_t before = f->r9 ? *(const uint32_t *)f->r9 : 0;
	if (fd_class(f->rdi) != FD_SOCKET || f->rdx > DATA_MAX || before > 4096 ||
	    f->r10 & 0x100 /* MSG_WAITALL */)
		return BAIL;
	int64_t r = with_flags(f, f->r10 | MSG_DONTWAIT);
	if (would_wait(f, r, f->r10))
		return BAIL;
	return rec_row(f, row, r, before);
}

int do_send(struct hook_frame *f, const struct call_row *row)
{
	if (fd_class(f->rdi) != FD_SOCKET || f->rdx > DATA_MAX ||
	    !(f->r10 & MSG_DONTWAIT || fd_takes(f->rdi, f->rdx)))
		return BAIL;
	int64_t r = with_flags(f, f->r10 | MSG_DONTWAIT);
	if (would_wait(f, r, f->r10))
		return BAIL;
	struct recording rec = rec_begin(f, row);
	if (r > 0)
		rec_sample(&rec, f->rsi, (uint64_t)r);
	return rec_end(&rec, f, r);
}

/* Bytes of a message's pieces, or UINT64_MAX if it is too large for a record. */
static uint64_t message_size(const struct msghdr *m)
{
	const struct iovec *v = (const struct iovec *)m->iov;
	uint64_t sum = 0;
	if (m->iovlen > IOV_MAX || m->namelen > 4096 || m->controllen > 4096)
		return UINT64_MAX;
	for (uint64_t i = 0; i < m->iovlen; i++) {
		if (v[i].len > DATA_MAX / 2 || (sum += v[i].len) > DATA_MAX / 2)
			return UINT64_MAX;
	}
	return sum;
}

static void message_pieces(struct recording *rec, uint64_t addr, const struct msghdr *before, int64_t r)
{
	const struct msghdr *m = (const struct msghdr *)addr;
	const struct iovec *v = (const struct iovec *)m->iov;
	uint64_t left = (uint64_t)r;
	rec_piece(rec, PIECE_OUT, addr + 8, 4);
	rec_piece(rec, PIECE_OUT, addr + 40, 12);
	for (uint64_t i = 0; left && i < m->iovlen; i++) {
		uint64_t n = v[i].len < left ? v[i].len : left;
		if (n)
			rec_piece(rec, PIECE_OUT, v[i].base, n);
		left -= n;
	}
	uint64_t n = m->namelen < before->namelen ? m->namelen : before->namelen;
	if (m->name && n)
		rec_piece(rec, PIECE_OUT, m->name, n);
	if (m->control && m->controllen)
		rec_piece(rec, PIECE_OUT, m->control,
			  m->controllen < before->controllen ? m->controllen : before->controllen);
}

int do_recvmsg(struct hook_frame *f, const struct call_row *row)
{
	struct msghdr before = *(const struct msghdr *)f->rsi;
	if (fd_class(f->rdi) != FD_SOCKET || f->rdx & 0x100 || message_size(&before) == UINT64_MAX)
		return BAIL;
	int64_t r = with_flags(f, f->rdx | MSG_DONTWAIT);
	if (would_wait(f, r, f->rdx))
		return BAIL;
	struct recording rec = rec_begin(f, row);
	if (r >= 0)
		message_pieces(&rec, f->rsi, &before, r);
	return rec_end(&rec, f, r);
}

int do_sendmsg(struct hook_frame *f, const struct call_row *row)
{
	const struct msghdr *m = (const struct msghdr *)f->rsi;
	const struct iovec *v = (const struct iovec *)m->iov;
	uint64_t size = message_size(m);
	if (fd_class(f->rdi) != FD_SOCKET || size == UINT64_MAX ||
	    !(f->rdx & MSG_DONTWAIT || fd_takes(f->rdi, size)))
		return BAIL;
	int64_t r = with_flags(f, f->rdx | MSG_DONTWAIT);
	if (would_wait(f, r, f->rdx))
		return BAIL;
	struct recording rec = rec_begin(f, row);
	if (r > 0 && m->iovlen)
		rec_sample(&rec, v[0].base, (uint64_t)r < v[0].len ? (uint64_t)r : v[0].len);
	return rec_end(&rec, f, r);
}

int do_accept(struct hook_frame *f, const struct call_row *row)
{
	uint64_t before = f->rdx ? *(const uint32_t *)f->rdx : 0;
	if (fd_class(f->rdi) != FD_SOCKET || before > 4096 || !fd_nonblocking(f->rdi))
		return BAIL;
	return rec_row(f, row, raw_frame(f), before);
}

/* --- poll and its kin: tried with no time, on copies --- */

static bool no_time(uint64_t ts)
{
	const uint64_t *t = (const uint64_t *)ts;
	return ts && !t[0] && !t[1];
}

/* Does the kernel take this timespec? It looks at it first, whatever is ready
 * (poll_select_set_timeout, fs/select.c). */
static bool time_fits(uint64_t ts)
{
	const int64_t *t = (const int64_t *)ts;
	return !ts || (t[0] >= 0 && (uint64_t)t[1] < 1000000000);
}

/* The same of a timeval, whose microseconds may be more than a second. */
static bool timeval_fits(uint64_t tv)
{
	const int64_t *t = (const int64_t *)tv;
	return !tv || (t[0] >= 0 && t[0] < INT64_MAX / 2 && t[1] >= 0);
}

int do_poll(struct hook_frame *f, const struct call_row *row)
{
	uint64_t fds[POLL_MAX];
	bool p = f->rax == __NR_ppoll;
	/* The kernel checks the address, even of none. */
	if (f->rsi > POLL_MAX || (int64_t)f->rdi < 0 || (p && (f->r10 || !time_fits(f->rdx))))
		return BAIL;
	bool at_once = p ? no_time(f->rdx) : !(uint32_t)f->rdx;
	for (uint64_t i = 0; i < f->rsi; i++)
		fds[i] = ((const uint64_t *)f->rdi)[i];
	long r = raw(__NR_poll, (uint64_t)fds, f->rsi, 0, 0, 0, 0);
	if (r < 0 || (!r && !at_once))
		return BAIL;
	for (uint64_t i = 0; i < f->rsi; i++)
		((uint64_t *)f->rdi)[i] = fds[i];
	struct recording rec = rec_begin(f, row);
	if (f->rsi)
		rec_piece(&rec, PIECE_OUT, f->rdi, f->rsi * 8);
	return rec_end(&rec, f, r);
}

int do_select(struct hook_frame *f, const struct call_row *row)
{
	uint64_t sets[3][16], addr[3] = {f->rsi, f->rdx, f->r10}, zero[2] = {0, 0};
	uint64_t words = (f->rdi + 63) / 64;
	bool p = f->rax == __NR_pselect6;
	if (f->rdi > 1024 || (p && f->r9 && *(const uint64_t *)f->r9) ||
	    !(p ? time_fits(f->r8) : timeval_fits(f->r8)))
		return BAIL;
	bool at_once = no_time(f->r8);
	for (int s = 0; s < 3; s++) {
		for (uint64_t i = 0; addr[s] && i < words; i++)
			sets[s][i] = ((const uint64_t *)addr[s])[i];
	}
	long r = raw(__NR_pselect6, f->rdi, addr[0] ? (uint64_t)sets[0] : 0, addr[1] ? (uint64_t)sets[1] : 0,
		     addr[2] ? (uint64_t)sets[2] : 0, (uint64_t)zero, 0);
	if (r < 0 || (!r && !at_once))
		return BAIL;
	for (int s = 0; s < 3; s++) {
		for (uint64_t i = 0; addr[s] && i < words; i++)
			((uint64_t *)addr[s])[i] = sets[s][i];
	}
	struct recording rec = rec_begin(f, row);
	for (int s = 0; s < 3; s++) {
		if (addr[s] && words)
			rec_piece(&rec, PIECE_OUT, addr[s], words * 8);
	}
	return rec_end(&rec, f, r);
}

int do_epoll(struct hook_frame *f, const struct call_row *row)
{
	bool two = f->rax == __NR_epoll_pwait2;
	if ((f->rax != __NR_epoll_wait && f->r8) || f->rdx > DATA_MAX / 12 || (two && !time_fits(f->r10)))
		return BAIL;
	bool at_once = two ? no_time(f->r10) : !(uint32_t)f->r10;
	long r = raw(__NR_epoll_wait, f->rdi, f->rsi, f->rdx, 0, 0, 0);
	if (!r && !at_once)
		return BAIL;
	return rec_row(f, row, r, 0);
}

/* --- the others --- */

/* Nobody else that shares this memory runs: a value that is not the expected one stays
 * so, and the wait ends at once. */
int do_futex(struct hook_frame *f, const struct call_row *row)
{
	switch (f->rsi & 0x7f) {
	case 1:	 /* FUTEX_WAKE */
	case 10: /* FUTEX_WAKE_BITSET */
	case 3:	 /* FUTEX_REQUEUE */
	case 4:	 /* FUTEX_CMP_REQUEUE */
		return rec_row(f, row, raw_frame(f), 0);
	case 0: /* FUTEX_WAIT */
	case 9: /* FUTEX_WAIT_BITSET */
		if (f->rdi & 3 || *(const uint32_t *)f->rdi == (uint32_t)f->rdx)
			return BAIL;
		return rec_row(f, row, raw_frame(f), 0);
	}
	return BAIL;
}

int do_wait(struct hook_frame *f, const struct call_row *row)
{
	return f->rdx & 1 /* WNOHANG */ ? do_plain(f, row) : BAIL;
}

/* The tracer wants to know what is blocked when it must put it back. */
int do_sigprocmask(struct hook_frame *f, const struct call_row *row)
{
	uint64_t mask;
	int64_t r = raw_frame(f);
	if (!r && !raw(__NR_rt_sigprocmask, 0, 0, (uint64_t)&mask, 8, 0, 0)) {
		STATE->mask = mask;
		STATE->mask_known = 1;
	}
	return rec_row(f, row, r, 0);
}

/* Where others may be in calls that depend on the actions, the recorder sees the change. */
int do_sigaction(struct hook_frame *f, const struct call_row *row)
{
	uint32_t sig = (uint32_t)f->rdi;
	if (sig == 5 /* SIGTRAP */ || sig == 11 /* SIGSEGV */ || (f->rsi && STATE->sighand))
		return BAIL;
	if (f->rsi)
		STATE->actions++;
	return do_plain(f, row);
}

/* Only to ask: limits that are set may matter to the recorder. */
int do_prlimit(struct hook_frame *f, const struct call_row *row)
{
	return f->rdi || f->rdx ? BAIL : do_plain(f, row);
}

int do_sockopt(struct hook_frame *f, const struct call_row *row)
{
	bool get = f->rax == __NR_getsockopt;
	return odd_sockopt(get, (uint32_t)f->rsi, (uint32_t)f->rdx) ? BAIL : do_plain(f, row);
}

/* As a kernel without it. */
int do_nosys(struct hook_frame *f, const struct call_row *row)
{
	return rec_row(f, row, -38 /* ENOSYS */, 0);
}
