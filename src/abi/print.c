#include "abi/print.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>

#include "abi/printer.h"

#define O_TMPFILE_BIT 020000000 /* __O_TMPFILE */

static bool failed(const struct printed_call *c)
{
	return c->result < 0 && c->result > -4096;
}

static const struct arg_spec *spec_of(const struct printed_call *c, int i)
{
	return &sys_row(c->nr)->args[i];
}

/* Is its text known at the exit only? */
static bool at_exit(const struct printed_call *c, int i)
{
	switch (spec_of(c, i)->kind) {
	case K_OUT:
	case K_IOV_OUT:
	case K_MSG_OUT:
	case K_MMSG_OUT:
		return true;
	case K_INOUT:
		return spec_of(c, i)->type == T_U32 || spec_of(c, i)->type == T_TIMEX;
	}
	return false;
}

size_t print_bytes_of(const struct printed_call *c, const struct arg_spec *s)
{
	size_t size = abi_type_size(s->type);
	uint64_t n = 1, got;
	uint32_t len = 0;
	switch (s->len) {
	case LEN_ARG:
		n = c->args[s->arg];
		if (spec_of(c, s->arg)->type == T_INT)
			n = (int)n < 0 ? 0 : (uint64_t)(int)n;
		break;
	case LEN_RET:
		got = c->result > 0 ? (uint64_t)c->result : 0;
		n = got < c->args[s->arg] ? got : c->args[s->arg];
		break;
	case LEN_PTR:
		n = printer_read(c, c->args[s->arg], true, &len, 4) == 4 ? len : 0;
		break;
	}
	return n > (64u << 20) / (size ? size : 1) ? 0 : n * size;
}

/* Is argument i the room that another has, before, and what of it was used, after? */
static bool counts_another(const struct printed_call *c, int i)
{
	for (int k = 0; k < 6; k++) {
		if (spec_of(c, k)->len == LEN_PTR && spec_of(c, k)->arg == i)
			return true;
	}
	return false;
}

static void length(struct printed_call *c, struct buf *b, int i)
{
	uint32_t used = 0;
	if (!failed(c) && printer_read(c, c->args[i], true, &used, 4) == 4 && used != c->room)
		print_text(b, "[%u => %u]", c->room, used);
	else
		print_text(b, "[%u]", c->room);
}

static void memory(struct printed_call *c, struct buf *b, int i, bool out)
{
	const struct arg_spec *s = spec_of(c, i);
	struct shown m = {c, b, c->args[i], out, print_bytes_of(c, s), i};
	if (m.addr && s->type == T_U32 && s->kind == K_INOUT && counts_another(c, i)) {
		length(c, b, i);
		return;
	}
	if (!m.addr || (out && failed(c))) {
		print_addr(b, m.addr);
		return;
	}
	if (s->type == T_BYTES || s->type == T_RANDOM) {
		print_bytes(c, b, m.addr, out, m.n, s->type == T_RANDOM);
		return;
	}
	if (print_file_struct(&m, s->type) || print_time_struct(&m, s->type) ||
	    print_signal_struct(&m, s->type) || print_net_struct(&m, s->type) ||
	    print_process_struct(&m, s->type) || print_poll_struct(&m, s->type) ||
	    print_kernel_struct(&m, s->type))
		return;
	print_addr(b, m.addr);
}

/* argv, and the environment, of which only the size shows. */
static void strings(struct printed_call *c, struct buf *b, uint64_t addr, bool count_only)
{
	uint64_t p;
	unsigned n = 0;
	if (!addr || printer_read(c, addr, false, &p, 8) != 8) {
		print_addr(b, addr);
		return;
	}
	if (!count_only)
		print_text(b, "[");
	for (; printer_read(c, addr + 8 * n, false, &p, 8) == 8 && p; n++) {
		if (count_only)
			continue;
		if (n)
			print_text(b, ", ");
		if (n >= (c->how->text ? c->how->text : 32) && !c->how->verbose) {
			print_text(b, "...");
			break;
		}
		print_string(c, b, p, false);
	}
	if (count_only)
		print_text(b, "%#llx /* %u var%s */", (unsigned long long)addr, n, n == 1 ? "" : "s");
	else
		print_text(b, "]");
}

static uint64_t limit_of(const struct printed_call *c)
{
	return c->exit && c->result >= 0 ? (uint64_t)c->result : 0;
}

static void argument(struct printed_call *c, struct buf *b, int i)
{
	const struct arg_spec *s = spec_of(c, i);
	uint64_t v = c->args[i];
	switch (s->kind) {
	case K_VAL:
		print_value(c, b, s->type, v);
		break;
	case K_STR:
		print_string(c, b, v, s->type == T_PATH);
		break;
	case K_STRV:
		strings(c, b, v, spec_of(c, i - 1)->kind == K_STRV && !c->how->verbose);
		break;
	case K_IN:
		memory(c, b, i, false);
		break;
	case K_INOUT:
		memory(c, b, i, at_exit(c, i));
		break;
	case K_OUT:
		memory(c, b, i, true);
		break;
	case K_IOV_IN:
		print_iov(c, b, v, c->args[s->arg], false, ~0ull);
		break;
	case K_IOV_OUT:
		if (failed(c))
			print_addr(b, v);
		else
			print_iov(c, b, v, c->args[s->arg], true, limit_of(c));
		break;
	case K_MSG_IN:
		print_msghdr(c, b, v, false, ~0ull);
		break;
	case K_MSG_OUT:
		if (failed(c))
			print_addr(b, v);
		else
			print_msghdr(c, b, v, true, limit_of(c));
		break;
	default:
		print_addr(b, v);
	}
}

static void arguments(struct printed_call *c, struct buf *b)
{
	if (spec_of(c, 0)->kind == K_NONE)
		print_special(c, b); /* rt_sigreturn: what it has stands on the stack */
	while (c->at < 6 && spec_of(c, c->at)->kind != K_NONE) {
		const struct arg_spec *s = spec_of(c, c->at);
		enum special special = print_special(c, b);
		if (special == SPECIAL_DONE)
			continue;
		if (special == SPECIAL_LATER || (!c->exit && at_exit(c, c->at)))
			return;
		print_sep(c, b);
		argument(c, b, c->at++);
		/* The mode of open counts only when a file may be made. */
		if (s->type == T_OPEN && spec_of(c, c->at)->type == T_OCT &&
		    !(c->args[c->at - 1] & (O_CREAT | O_TMPFILE_BIT)))
			c->at = 6;
	}
}

void print_start(struct printed_call *c, const struct print_how *how, struct buf *b, int64_t nr,
		 const uint64_t args[6])
{
	memset(c, 0, sizeof(*c));
	c->how = how;
	c->nr = nr;
	memcpy(c->args, args, sizeof(c->args));
	for (int i = 0; i < 6 && spec_of(c, i)->kind != K_NONE; i++) {
		if (spec_of(c, i)->len == LEN_PTR)
			printer_read(c, args[spec_of(c, i)->arg], false, &c->room, 4);
	}
	print_text(b, "%s(", sys_name(nr));
	arguments(c, b);
	/* As strace does; of these two it depends on the result what comes. */
	if (c->n && !print_complete(c) && nr != SYS_clone && nr != SYS_clone3) {
		print_sep(c, b);
		c->separated = true;
	}
}

bool print_complete(const struct printed_call *c)
{
	return c->at >= 6 || spec_of(c, c->at)->kind == K_NONE;
}

void print_exit(struct printed_call *c, struct buf *b, int64_t result)
{
	c->result = result;
	c->exit = true;
	arguments(c, b);
	if (c->n && c->n <= PRINT_ARGS)
		c->end[c->n - 1] = b->len;
	print_text(b, ")");
}

void print_call(const struct print_how *how, struct buf *b, int64_t nr, const uint64_t args[6],
		int64_t result)
{
	struct printed_call c;
	print_start(&c, how, b, nr, args);
	print_exit(&c, b, result);
}

static const char *restart_text(int64_t r)
{
	switch (-r) {
	case 512:
		return "To be restarted if SA_RESTART is set";
	case 513:
		return "To be restarted";
	case 514:
		return "To be restarted if no handler";
	case 516:
		return "Interrupted by signal";
	}
	return NULL;
}

void print_result(struct buf *b, int64_t nr, int64_t r)
{
	const char *name = r < 0 && r > -4096 ? errno_name((int)-r) : NULL;
	if (name && restart_text(r))
		print_text(b, " = ? %s (%s)", name, restart_text(r));
	else if (name)
		print_text(b, " = -1 %s (%s)", name, strerror((int)-r));
	else if (r < 0 && r > -4096)
		print_text(b, " = -1 (errno %d)", (int)-r);
	else if (nr == SYS_umask)
		print_text(b, " = %#03llo", (unsigned long long)r);
	else if (sys_row(nr)->flags & F_HEX)
		print_text(b, r ? " = %#llx" : " = 0", (unsigned long long)r);
	else
		print_text(b, " = %lld", (long long)r);
}

static void fcntl_result(struct printed_call *c, struct buf *b)
{
	static const struct name cloexec[] = {{1, "FD_CLOEXEC"}};
	static const struct name_table fd_flags = {cloexec, 1, 0, 1, NULL};
	int64_t r = c->result;
	switch (c->args[1]) {
	case 0:	   /* F_DUPFD */
	case 1030: /* F_DUPFD_CLOEXEC */
		print_text(b, " = ");
		print_fd(c, b, (int)r);
		return;
	case 1: /* F_GETFD */
		print_text(b, r ? " = %#llx (flags " : " = 0", (unsigned long long)r);
		if (r) {
			print_flags(b, &fd_flags, (uint64_t)r);
			print_text(b, ")");
		}
		return;
	case 3: /* F_GETFL */
		print_text(b, r ? " = %#llx (flags " : " = 0 (flags ", (unsigned long long)r);
		print_value(c, b, T_OPEN, (uint64_t)r);
		print_text(b, ")");
		return;
	}
	print_result(b, c->nr, r);
}

/* The state of the clock. */
static void clock_result(struct printed_call *c, struct buf *b)
{
	static const char *const states[] = {"TIME_OK",	 "TIME_INS",  "TIME_DEL",
					     "TIME_OOP", "TIME_WAIT", "TIME_ERROR"};
	print_result(b, c->nr, c->result);
	if (c->result < 6)
		print_text(b, " (%s)", states[c->result]);
}

void print_call_result(struct printed_call *c, struct buf *b)
{
	bool plain = c->nr == SYS_exit || c->nr == SYS_exit_group;
	if (plain) {
		print_text(b, " = ?");
	} else if (failed(c)) {
		print_result(b, c->nr, c->result);
	} else if (c->nr == SYS_fcntl) {
		fcntl_result(c, b);
	} else if (c->nr == SYS_adjtimex || c->nr == SYS_clock_adjtime) {
		clock_result(c, b);
	} else if (sys_row(c->nr)->flags & F_FD && c->how->fd) {
		print_text(b, " = ");
		print_fd(c, b, (int)c->result);
	} else {
		print_result(b, c->nr, c->result);
		print_poll_result(c, b);
	}
}
