/* Processes and what else the other families do not have: clone3, wait, uname, numbers behind pointers. */
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "abi/printer.h"
#include "base/mem.h"

static void wait_status(struct buf *b, int st)
{
	print_text(b, "[{");
	if (WIFEXITED(st))
		print_text(b, "WIFEXITED(s) && WEXITSTATUS(s) == %d", WEXITSTATUS(st));
	else if (WIFSIGNALED(st))
		print_text(b, "WIFSIGNALED(s) && WTERMSIG(s) == %s%s", signal_name(WTERMSIG(st)),
			   WCOREDUMP(st) ? " && WCOREDUMP(s)" : "");
	else if (WIFSTOPPED(st))
		print_text(b, "WIFSTOPPED(s) && WSTOPSIG(s) == %s", signal_name(WSTOPSIG(st)));
	else if (WIFCONTINUED(st))
		print_text(b, "WIFCONTINUED(s)");
	print_text(b, "}]");
}

static void uname_text(struct shown *s, const struct utsname *u)
{
	print_text(s->b, "{sysname=\"%s\", nodename=\"%s\", ", u->sysname, u->nodename);
	if (s->c->how->verbose)
		print_text(s->b, "release=\"%s\", version=\"%s\", machine=\"%s\", domainname=\"%s\"}",
			   u->release, u->version, u->machine, u->domainname);
	else
		print_text(s->b, "...}");
}

static void clone3_text(struct shown *s, const uint64_t v[11])
{
	struct buf *b = s->b;
	print_text(b, "{flags=");
	if (v[0])
		print_value(s->c, b, T_CLONE, v[0]);
	else
		print_text(b, "0");
	if (v[0] & CLONE_PIDFD)
		print_text(b, ", pidfd=%#llx", (unsigned long long)v[1]);
	if (v[0] & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID))
		print_text(b, ", child_tid=%#llx", (unsigned long long)v[2]);
	if (v[0] & CLONE_PARENT_SETTID)
		print_text(b, ", parent_tid=%#llx", (unsigned long long)v[3]);
	print_text(b, ", exit_signal=%s, stack=", v[4] ? signal_name((int)v[4]) : "0");
	print_addr(b, v[5]);
	print_text(b, v[6] ? ", stack_size=%#llx" : ", stack_size=0", (unsigned long long)v[6]);
	if (v[0] & CLONE_SETTLS)
		print_text(b, ", tls=%#llx", (unsigned long long)v[7]);
	print_text(b, "}");
}

static bool cpu_set(struct shown *s)
{
	uint8_t bits[1024];
	const char *sep = "";
	size_t n = s->n < sizeof(bits) ? s->n : sizeof(bits);
	if (printer_read(s->c, s->addr, s->out, bits, n) != n)
		return false;
	print_text(s->b, "[");
	for (unsigned i = 0; i < 8 * n; i++) {
		if (bits[i / 8] >> (i % 8) & 1) {
			print_text(s->b, "%s%u", sep, i);
			sep = " ";
		}
	}
	print_text(s->b, "]");
	return true;
}

bool print_process_struct(struct shown *s, int type)
{
	union {
		struct utsname uts;
		uint64_t v[11];
		int32_t i;
		uint32_t u;
	} u;
	size_t n = type == T_UTSNAME	  ? sizeof(u.uts)
		   : type == T_CLONE_ARGS ? 64
		   : type == T_WSTATUS || type == T_I32 || type == T_U32 || type == T_SCHED_PARAM ? 4
		   : type == T_U64								  ? 8
												  : 0;
	if (type == T_CPUSET)
		return cpu_set(s);
	if (type == T_CLONE_ARGS && s->c->args[1] < 64)
		return false;
	if (!n || printer_read(s->c, s->addr, s->out, &u, n) != n)
		return false;
	switch (type) {
	case T_UTSNAME:
		uname_text(s, &u.uts);
		break;
	case T_CLONE_ARGS:
		clone3_text(s, u.v);
		break;
	case T_WSTATUS:
		if (s->c->result <= 0)
			return false;
		wait_status(s->b, u.i);
		break;
	case T_SCHED_PARAM:
		print_text(s->b, "[%d]", u.i);
		break;
	case T_I32:
		print_text(s->b, "[%d]", u.i);
		break;
	case T_U32:
		print_text(s->b, "[%u]", u.u);
		break;
	case T_U64:
		print_text(s->b, "[%lld]", (long long)u.v[0]);
		break;
	}
	return true;
}
