#include "abi/regions.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define TEXT_MAX 4096
#define IOV_MAX_COUNT 1024 /* UIO_MAXIOV, include/uapi/linux/uio.h */

static uint64_t text_len(const struct abi_reader *rd, uint64_t addr)
{
	char tmp[256];
	uint64_t n = 0;
	while (n < TEXT_MAX) {
		/* Stop at page ends: the next page may not be readable. */
		size_t want = 4096 - ((addr + n) & 4095);
		if (want > sizeof(tmp))
			want = sizeof(tmp);
		size_t got = rd->read(rd->ctx, addr + n, tmp, want);
		char *z = got ? memchr(tmp, 0, got) : NULL;
		if (z)
			return n + (uint64_t)(z - tmp) + 1;
		n += got;
		if (got < want)
			break;
	}
	return n < TEXT_MAX ? n : TEXT_MAX;
}

static void add_text(region_list *l, const struct abi_reader *rd, uint64_t addr, uint8_t arg)
{
	struct region *r = region_add(l, addr, text_len(rd, addr), DIR_IN, R_FIXED, arg, T_PATH);
	r->text = true;
}

static void add_strv(region_list *l, const struct abi_reader *rd, uint64_t addr, uint8_t arg)
{
	for (unsigned i = 0; i < 64; i++) {
		uint64_t p;
		if (rd->read(rd->ctx, addr + 8 * i, &p, 8) != 8 || !p)
			break;
		add_text(l, rd, p, arg);
	}
}

/* The pieces of an iovec array; `dir` says whether the kernel writes them. */
static void add_iov(region_list *l, const struct abi_reader *rd, uint64_t addr, uint64_t count, uint8_t dir,
		    uint8_t arg, int32_t parent, uint32_t parent_off, uint32_t group)
{
	if (!addr || count > IOV_MAX_COUNT)
		return;
	struct iovec iov[IOV_MAX_COUNT];
	size_t got = rd->read(rd->ctx, addr, iov, count * sizeof(*iov));
	count = got / sizeof(*iov);
	struct region *r = region_add(l, addr, count * sizeof(*iov), DIR_IN, R_FIXED, arg, T_IOVEC);
	r->container = true;
	r->parent = parent;
	r->parent_off = parent_off;
	int32_t self = (int32_t)l->n - 1;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t len = iov[i].iov_len;
		if (!len)
			continue;
		r = region_add(l, (uint64_t)iov[i].iov_base, len, dir, R_IOV, arg, T_BYTES);
		r->parent = self;
		r->parent_off = (uint32_t)(i * sizeof(*iov));
		r->group = group;
	}
}

/* One struct msghdr (or mmsghdr, which starts with one). */
static void add_msg(region_list *l, const struct abi_reader *rd, uint64_t addr, uint8_t dir, uint8_t arg,
		    uint32_t group, bool mmsg)
{
	struct msghdr m;
	if (rd->read(rd->ctx, addr, &m, sizeof(m)) != sizeof(m))
		return;
	bool out = dir == DIR_OUT;
	uint64_t size = mmsg ? 64 : sizeof(m);
	struct region *r =
		region_add(l, addr, size, out ? DIR_INOUT : DIR_IN, mmsg ? R_MMSGHDR : R_MSGHDR, arg, T_PTR);
	r->container = true;
	r->group = group;
	r->aux = m.msg_namelen;
	int32_t self = (int32_t)l->n - 1;
	if (mmsg && group) /* the array is contiguous: only its start is pointed to */
		r->parent = -2;
	if (m.msg_name && m.msg_namelen) {
		r = region_add(l, (uint64_t)m.msg_name, m.msg_namelen, dir, R_MSGNAME, arg, T_SOCKADDR);
		r->parent = self;
		r->parent_off = offsetof(struct msghdr, msg_name);
	}
	add_iov(l, rd, (uint64_t)m.msg_iov, m.msg_iovlen, dir, arg, self, offsetof(struct msghdr, msg_iov),
		group);
	if (m.msg_control && m.msg_controllen) {
		r = region_add(l, (uint64_t)m.msg_control, m.msg_controllen, dir, R_MSGCTL, arg, T_BYTES);
		r->parent = self;
		r->parent_off = offsetof(struct msghdr, msg_control);
	}
}

/* Of an int the kernel looks at the lower half only, and refuses what is negative. */
static uint64_t length_of(const struct sysrow *row, unsigned arg, uint64_t value)
{
	if (row->args[arg].type != T_INT)
		return value;
	return (int32_t)value < 0 ? 0 : (uint32_t)value;
}

static uint64_t count_of(const struct sysrow *row, const struct arg_spec *s, const uint64_t args[6],
			 const struct abi_reader *rd)
{
	uint32_t n = 0;
	switch (s->len) {
	case LEN_ONE:
		return 1;
	case LEN_ARG:
	case LEN_RET:
		return length_of(row, s->arg, args[s->arg]);
	case LEN_PTR:
		if (!args[s->arg] || rd->read(rd->ctx, args[s->arg], &n, 4) != 4)
			return 0;
		return n;
	case LEN_BITS: /* whole longs, as the kernel counts an fd_set */
		return args[s->arg] > (1u << 20) ? 0 : (args[s->arg] + 63) / 64;
	}
	return 0;
}

static void add_memory(region_list *l, const struct sysrow *row, const struct arg_spec *s,
		       const uint64_t args[6], uint8_t i, const struct abi_reader *rd)
{
	uint64_t size = abi_type_size(s->type), n = count_of(row, s, args, rd);
	if (!size || n > (1ull << 40) / size)
		return;
	if (s->type == T_MSGBUF) /* msgrcv: the result does not count mtype */
		n += 8;
	uint8_t dir = s->kind == K_IN ? DIR_IN : s->kind == K_OUT ? DIR_OUT : DIR_INOUT;
	uint8_t rule = s->len == LEN_RET ? R_RESULT : s->len == LEN_PTR ? R_LENPTR : R_FIXED;
	struct region *r = region_add(l, args[i], n * size, dir, rule, i, s->type);
	if (s->len == LEN_PTR)
		r->aux = args[s->arg];
}

void abi_regions(int64_t nr, const uint64_t args[6], const struct abi_reader *rd, region_list *out)
{
	const struct sysrow *row = sys_row(nr);
	for (uint8_t i = 0; i < 6; i++) {
		const struct arg_spec *s = &row->args[i];
		uint64_t a = args[i];
		if (!a)
			continue;
		switch (s->kind) {
		case K_STR:
			add_text(out, rd, a, i);
			break;
		case K_STRV:
			add_strv(out, rd, a, i);
			break;
		case K_IN:
		case K_OUT:
		case K_INOUT:
			add_memory(out, row, s, args, i, rd);
			break;
		case K_IOV_IN:
		case K_IOV_OUT:
			add_iov(out, rd, a, args[s->arg], s->kind == K_IOV_IN ? DIR_IN : DIR_OUT, i, -1, 0,
				0);
			break;
		case K_MSG_IN:
		case K_MSG_OUT:
			add_msg(out, rd, a, s->kind == K_MSG_IN ? DIR_IN : DIR_OUT, i, 0, false);
			break;
		case K_MMSG_IN:
		case K_MMSG_OUT:
			for (uint32_t m = 0; m < args[s->arg] && m < IOV_MAX_COUNT; m++)
				add_msg(out, rd, a + 64 * m, s->kind == K_MMSG_IN ? DIR_IN : DIR_OUT, i, m,
					true);
			break;
		}
	}
	abi_special_regions(nr, args, rd, out);
}

static void written(region_list *out, uint64_t addr, uint64_t len, const struct region *from)
{
	if (!len)
		return;
	struct region *r = region_add(out, addr, len, DIR_OUT, R_FIXED, from->arg, from->type);
	r->text = from->text;
}

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* What the kernel wrote of a msghdr: namelen, controllen, flags; msg_len for mmsg. */
static void written_msghdr(region_list *out, const struct region *r)
{
	if (r->addr && r->aux)
		written(out, r->addr + offsetof(struct msghdr, msg_namelen), 4, r);
	written(out, r->addr + offsetof(struct msghdr, msg_controllen), 8, r);
	written(out, r->addr + offsetof(struct msghdr, msg_flags), 4, r);
	if (r->rule == R_MMSGHDR)
		written(out, r->addr + 56, 4, r);
}

static uint64_t field(const struct abi_reader *rd, uint64_t addr, size_t size)
{
	uint64_t v = 0;
	return rd->read(rd->ctx, addr, &v, size) == size ? v : 0;
}

/* Bytes that message `group` received: the result, or its msg_len for mmsg. */
static uint64_t message_bytes(const region_list *in, uint32_t group, int64_t result,
			      const struct abi_reader *rd)
{
	for (size_t i = 0; i < in->n; i++) {
		const struct region *r = &in->at[i];
		if (r->rule != R_MMSGHDR || r->group != group)
			continue;
		return group < (uint64_t)result ? field(rd, r->addr + 56, 4) : 0;
	}
	return (uint64_t)result;
}

void abi_written(int64_t nr, const region_list *in, int64_t result, const struct abi_reader *rd,
		 region_list *out)
{
	uint32_t group = UINT32_MAX;
	uint64_t left = 0, ok = result >= 0;
	for (size_t i = 0; i < in->n; i++) {
		const struct region *r = &in->at[i];
		const struct region *up = r->parent >= 0 ? &in->at[r->parent] : NULL;
		/* sendmmsg: the kernel says in each header how much it sent. */
		if (r->rule == R_MMSGHDR && r->dir == DIR_IN && ok && r->group < (uint64_t)result)
			written(out, r->addr + 56, 4, r);
		if (!(r->dir & DIR_OUT))
			continue;
		/* Memory before the bad address may have been written. */
		if (result == -EFAULT && r->rule != R_CHANGED) {
			written(out, r->addr, r->len, r);
			continue;
		}
		switch (r->rule) {
		case R_FIXED:
			written(out, r->addr, r->len, r);
			break;
		case R_RESULT:
			if (result > 0 || (nr == 70 && ok)) {
				uint64_t n = (uint64_t)result * abi_type_size(r->type);
				written(out, r->addr, min_u64(n + (nr == 70 ? 8 : 0), r->len), r);
			}
			break;
		case R_LENPTR:
			if (ok)
				written(out, r->addr, min_u64(field(rd, r->aux, 4), r->len), r);
			break;
		case R_IOV:
			if (!ok)
				break;
			if (r->group != group) {
				group = r->group;
				left = message_bytes(in, group, result, rd);
			}
			written(out, r->addr, min_u64(left, r->len), r);
			left -= min_u64(left, r->len);
			break;
		case R_MSGHDR:
			if (ok)
				written_msghdr(out, r);
			break;
		case R_MMSGHDR:
			if (ok && r->group < (uint64_t)result)
				written_msghdr(out, r);
			break;
		case R_MSGNAME:
			if (ok && (up->rule == R_MSGHDR || up->group < (uint64_t)result))
				written(out, r->addr, min_u64(field(rd, up->addr + 8, 4), r->len), r);
			break;
		case R_MSGCTL:
			if (ok && (up->rule == R_MSGHDR || up->group < (uint64_t)result))
				written(out, r->addr, min_u64(field(rd, up->addr + 40, 8), r->len), r);
			break;
		}
	}
}
