/* What the program wrote to its output. */
#include "replay/session.h"

#include <sys/syscall.h>
#include <sys/uio.h>

/* *w says what is told of the bytes; its `begins` holds for the first part that is told. */
static void echo(struct replay *s, struct written *w, struct ptask *t, uint64_t addr, uint64_t len)
{
	char buf[65536];
	while (len) {
		size_t n = len < sizeof(buf) ? (size_t)len : sizeof(buf);
		size_t got = mem_read(t->pid, addr, buf, n);
		if (!got)
			return;
		points_mask(t->mm, addr, (uint8_t *)buf, got);
		w->data = buf;
		w->len = got;
		s->opt.output(s->opt.ctx, w);
		w->begins = false;
		addr += got;
		len -= got;
	}
}

/* Of a process that was chosen only its own output is shown, from where it begins. */
static bool is_wanted(const struct replay *s, const struct ptask *t, const struct event *ev)
{
	const struct alone *a = s->alone;
	return s->opt.output && (!a || (t->proc->tgid == a->pid && ev->seq > a->start));
}

void output_show(struct replay *s, struct ptask *t, const struct event *ev)
{
	const regs_t *r = &ev->regs;
	int64_t left = (int64_t)r->rax, nr = ev->code;
	struct written w = {.fd = ev->flags & EVF_OUTPUT1 ? 1 : 2,
			    .tgid = t->proc->tgid,
			    .event = ev->seq,
			    .begins = true};
	if (!is_wanted(s, t, ev) || left <= 0 || !(ev->flags & (EVF_OUTPUT1 | EVF_OUTPUT2)))
		return;
	if (nr == SYS_write || nr == SYS_pwrite64 || nr == SYS_sendto) {
		echo(s, &w, t, r->rsi, (uint64_t)left);
	} else if (nr == SYS_writev || nr == SYS_pwritev || nr == SYS_pwritev2) {
		struct iovec iov[1024];
		size_t n = r->rdx < 1024 ? r->rdx : 1024;
		n = mem_read(t->pid, r->rsi, iov, n * sizeof(*iov)) / sizeof(*iov);
		for (size_t i = 0; i < n && left > 0; i++) {
			uint64_t len = iov[i].iov_len < (uint64_t)left ? iov[i].iov_len : (uint64_t)left;
			echo(s, &w, t, (uint64_t)iov[i].iov_base, len);
			left -= (int64_t)len;
		}
	}
}
