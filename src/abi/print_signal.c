/* Structures of signals. */
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "abi/printer.h"
#include "base/mem.h"

static void handler(struct buf *b, uint64_t h)
{
	if (h == 0)
		print_text(b, "SIG_DFL");
	else if (h == 1)
		print_text(b, "SIG_IGN");
	else
		print_text(b, "%#llx", (unsigned long long)h);
}

static void sigaction_text(struct buf *b, const uint64_t v[4])
{
	static const struct name bits[] = {
		{0x4000000, "SA_RESTORER"},   {0x8000000, "SA_ONSTACK"},    {0x10000000, "SA_RESTART"},
		{0x40000000, "SA_NODEFER"},   {0x80000000, "SA_RESETHAND"}, {4, "SA_SIGINFO"},
		{1, "SA_NOCLDSTOP"},	      {2, "SA_NOCLDWAIT"},	    {0x20000000, "SA_INTERRUPT"},
		{0x800, "SA_EXPOSE_TAGBITS"},
	};
	static const struct name_table flags = {bits, ARRAY_LEN(bits), 0, 1, NULL};
	print_text(b, "{sa_handler=");
	handler(b, v[0]);
	print_text(b, ", sa_mask=");
	print_sigset(b, v[3]);
	print_text(b, ", sa_flags=");
	print_flags(b, &flags, v[1] & 0xffffffff);
	if (v[1] & 0x4000000)
		print_text(b, ", sa_restorer=%#llx", (unsigned long long)v[2]);
	print_text(b, "}");
}

struct code {
	int sig, code; /* sig 0: of any signal */
	const char *name;
};

static const struct code codes[] = {
	{0, SI_USER, "SI_USER"},
	{0, SI_KERNEL, "SI_KERNEL"},
	{0, SI_QUEUE, "SI_QUEUE"},
	{0, SI_TIMER, "SI_TIMER"},
	{0, SI_MESGQ, "SI_MESGQ"},
	{0, SI_ASYNCIO, "SI_ASYNCIO"},
	{0, SI_SIGIO, "SI_SIGIO"},
	{0, SI_TKILL, "SI_TKILL"},
	{SIGCHLD, CLD_EXITED, "CLD_EXITED"},
	{SIGCHLD, CLD_KILLED, "CLD_KILLED"},
	{SIGCHLD, CLD_DUMPED, "CLD_DUMPED"},
	{SIGCHLD, CLD_TRAPPED, "CLD_TRAPPED"},
	{SIGCHLD, CLD_STOPPED, "CLD_STOPPED"},
	{SIGCHLD, CLD_CONTINUED, "CLD_CONTINUED"},
	{SIGSEGV, SEGV_MAPERR, "SEGV_MAPERR"},
	{SIGSEGV, SEGV_ACCERR, "SEGV_ACCERR"},
	{SIGSEGV, SEGV_BNDERR, "SEGV_BNDERR"},
	{SIGSEGV, SEGV_PKUERR, "SEGV_PKUERR"},
	{SIGBUS, BUS_ADRALN, "BUS_ADRALN"},
	{SIGBUS, BUS_ADRERR, "BUS_ADRERR"},
	{SIGBUS, BUS_OBJERR, "BUS_OBJERR"},
	{SIGFPE, FPE_INTDIV, "FPE_INTDIV"},
	{SIGFPE, FPE_INTOVF, "FPE_INTOVF"},
	{SIGFPE, FPE_FLTDIV, "FPE_FLTDIV"},
	{SIGFPE, FPE_FLTOVF, "FPE_FLTOVF"},
	{SIGFPE, FPE_FLTUND, "FPE_FLTUND"},
	{SIGFPE, FPE_FLTRES, "FPE_FLTRES"},
	{SIGFPE, FPE_FLTINV, "FPE_FLTINV"},
	{SIGILL, ILL_ILLOPC, "ILL_ILLOPC"},
	{SIGILL, ILL_ILLOPN, "ILL_ILLOPN"},
	{SIGILL, ILL_ILLADR, "ILL_ILLADR"},
	{SIGILL, ILL_PRVOPC, "ILL_PRVOPC"},
	{SIGTRAP, TRAP_BRKPT, "TRAP_BRKPT"},
	{SIGTRAP, TRAP_TRACE, "TRAP_TRACE"},
	{SIGTRAP, 4, "TRAP_HWBKPT"},
	{SIGPOLL, POLL_IN, "POLL_IN"},
	{SIGPOLL, POLL_OUT, "POLL_OUT"},
	{SIGPOLL, POLL_HUP, "POLL_HUP"},
	{SIGSYS, 1, "SYS_SECCOMP"},
};

static void ticks(struct buf *b, const char *name, long t)
{
	print_text(b, ", %s=%ld", name, t);
	if (t)
		print_text(b, " /* %ld.%02ld s */", t / sysconf(_SC_CLK_TCK), t % sysconf(_SC_CLK_TCK));
}

static bool is_fault(int sig)
{
	return sig == SIGSEGV || sig == SIGBUS || sig == SIGFPE || sig == SIGILL || sig == SIGTRAP;
}

void print_siginfo(struct buf *b, const void *info)
{
	siginfo_t i;
	const char *code = NULL;
	memcpy(&i, info, sizeof(i));
	print_text(b, "{si_signo=%s, si_code=", signal_name(i.si_signo));
	for (size_t k = 0; k < ARRAY_LEN(codes) && !code; k++) {
		if (codes[k].code == i.si_code && (!codes[k].sig || codes[k].sig == i.si_signo))
			code = codes[k].name;
	}
	if (code)
		print_text(b, "%s", code);
	else
		print_text(b, "%#x", i.si_code);
	if (i.si_signo == SIGCHLD && i.si_code > 0) {
		print_text(b, ", si_pid=%d, si_uid=%u, si_status=", i.si_pid, i.si_uid);
		if (i.si_code == CLD_EXITED)
			print_text(b, "%d", i.si_status);
		else
			print_text(b, "%s", signal_name(i.si_status));
		ticks(b, "si_utime", i.si_utime);
		ticks(b, "si_stime", i.si_stime);
	} else if (is_fault(i.si_signo) && i.si_code > 0 && i.si_code < SI_KERNEL) {
		print_text(b, ", si_addr=");
		print_addr(b, (uint64_t)i.si_addr);
	} else if (i.si_code == SI_KERNEL && is_fault(i.si_signo)) {
		print_text(b, ", si_addr=");
		print_addr(b, (uint64_t)i.si_addr);
	} else if (i.si_signo == SIGSYS && i.si_code == 1) {
		print_text(b, ", si_call_addr=%#llx, si_syscall=%s, si_arch=AUDIT_ARCH_X86_64",
			   (unsigned long long)(uintptr_t)i.si_call_addr, sys_name(i.si_syscall));
	} else if (i.si_code == SI_TIMER) {
		print_text(b, ", si_timerid=%#x, si_overrun=%d, si_int=%d, si_ptr=", i.si_timerid,
			   i.si_overrun, i.si_int);
		print_addr(b, (uint64_t)i.si_ptr);
	} else if (i.si_code <= 0) {
		print_text(b, ", si_pid=%d, si_uid=%u", i.si_pid, i.si_uid);
		if (i.si_code == SI_QUEUE || i.si_code == SI_MESGQ) {
			print_text(b, ", si_int=%d, si_ptr=", i.si_int);
			print_addr(b, (uint64_t)i.si_ptr);
		}
	}
	print_text(b, "}");
}

static void stack_text(struct buf *b, const stack_t *st)
{
	print_text(b, "{ss_sp=");
	print_addr(b, (uint64_t)st->ss_sp);
	print_text(b, ", ss_flags=%s%s, ss_size=%zu}",
		   st->ss_flags & SS_DISABLE   ? "SS_DISABLE"
		   : st->ss_flags & SS_ONSTACK ? "SS_ONSTACK"
					       : "0",
		   st->ss_flags & (1 << 31) ? "|SS_AUTODISARM" : "", st->ss_size);
}

bool print_signal_struct(struct shown *s, int type)
{
	union {
		uint64_t v[4];
		stack_t st;
		uint8_t si[128];
	} u = {{0}};
	size_t n = type == T_STACKT ? sizeof(u.st) : abi_type_size(type);
	if (type != T_SIGSET && type != T_SIGMASK && type != T_SIGACTION && type != T_STACKT &&
	    type != T_SIGINFO)
		return false;
	if (printer_read(s->c, s->addr, s->out, &u, n) != n)
		return false;
	if (type == T_SIGACTION)
		sigaction_text(s->b, u.v);
	else if (type == T_STACKT)
		stack_text(s->b, &u.st);
	else if (type == T_SIGINFO)
		print_siginfo(s->b, u.si);
	else
		print_sigset(s->b, u.v[0]);
	return true;
}
