/* Structures of time and of use of resources. */
#include <stddef.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/syscall.h>
#include <sys/times.h>

#include "abi/printer.h"
#include "base/mem.h"

static void pair(struct buf *b, const int64_t v[2], const char *part)
{
	print_text(b, "{tv_sec=%lld, tv_%s=%lld}", (long long)v[0], part, (long long)v[1]);
}

void print_timespec(struct printed_call *c, struct buf *b, uint64_t addr, bool out)
{
	int64_t v[2];
	if (addr && printer_read(c, addr, out, v, sizeof(v)) == sizeof(v))
		pair(b, v, "nsec");
	else
		print_addr(b, addr);
}

static void dated(struct buf *b, const int64_t v[2], bool nano)
{
	pair(b, v, nano ? "nsec" : "usec");
	print_date(b, v[0], (uint64_t)v[1] * (nano ? 1 : 1000));
}

static void interval(struct buf *b, const int64_t v[4], const char *part)
{
	print_text(b, "{it_interval=");
	pair(b, v, part);
	print_text(b, ", it_value=");
	pair(b, v + 2, part);
	print_text(b, "}");
}

static void rusage(struct shown *s, const struct rusage *r)
{
	const int64_t *v = (const int64_t *)r;
	static const char *const names[] = {"maxrss", "ixrss",	  "idrss",   "isrss",	"minflt",
					    "majflt", "nswap",	  "inblock", "oublock", "msgsnd",
					    "msgrcv", "nsignals", "nvcsw",   "nivcsw"};
	print_text(s->b, "{ru_utime=");
	pair(s->b, v, "usec");
	print_text(s->b, ", ru_stime=");
	pair(s->b, v + 2, "usec");
	for (size_t i = 0; s->c->how->verbose && i < ARRAY_LEN(names); i++)
		print_text(s->b, ", ru_%s=%lld", names[i], (long long)v[4 + i]);
	print_text(s->b, s->c->how->verbose ? "}" : ", ...}");
}

static void limit(struct buf *b, const char *name, uint64_t v)
{
	if (v == ~0ull)
		print_text(b, "%s=RLIM64_INFINITY", name);
	else if (v > 1024 && v % 1024 == 0)
		print_text(b, "%s=%llu*1024", name, (unsigned long long)(v / 1024));
	else
		print_text(b, "%s=%llu", name, (unsigned long long)v);
}

static void sysinfo_text(struct buf *b, const struct sysinfo *i)
{
	print_text(b, "{uptime=%lld, loads=[%llu, %llu, %llu], totalram=%llu, freeram=%llu, sharedram=%llu, ",
		   (long long)i->uptime, (unsigned long long)i->loads[0], (unsigned long long)i->loads[1],
		   (unsigned long long)i->loads[2], (unsigned long long)i->totalram,
		   (unsigned long long)i->freeram, (unsigned long long)i->sharedram);
	print_text(b,
		   "bufferram=%llu, totalswap=%llu, freeswap=%llu, procs=%u, totalhigh=%llu, freehigh=%llu, "
		   "mem_unit=%u}",
		   (unsigned long long)i->bufferram, (unsigned long long)i->totalswap,
		   (unsigned long long)i->freeswap, i->procs, (unsigned long long)i->totalhigh,
		   (unsigned long long)i->freehigh, i->mem_unit);
}

bool print_time_struct(struct shown *s, int type)
{
	union {
		int64_t v[4];
		int32_t zone[2];
		struct rusage ru;
		struct sysinfo info;
	} u;
	size_t n = abi_type_size(type);
	switch (type) {
	case T_TIMESPEC:
	case T_TIMEVAL:
	case T_ITIMERSPEC:
	case T_ITIMERVAL:
	case T_TIMEZONE:
	case T_UTIMES:
	case T_RUSAGE:
	case T_RLIMIT:
	case T_SYSINFO:
	case T_TMS:
		break;
	default:
		return false;
	}
	/* What is left of a time is written where the call was interrupted only. */
	if (s->out && (s->c->nr == SYS_nanosleep || s->c->nr == SYS_clock_nanosleep))
		return false;
	if (printer_read(s->c, s->addr, s->out, &u, n) != n)
		return false;
	switch (type) {
	case T_TIMESPEC:
		if (s->c->nr == SYS_utime)
			print_text(s->b, "{actime=%lld, modtime=%lld}", (long long)u.v[0], (long long)u.v[1]);
		else
			pair(s->b, u.v, "nsec");
		break;
	case T_TIMEVAL:
		pair(s->b, u.v, "usec");
		break;
	case T_ITIMERSPEC:
		interval(s->b, u.v, "nsec");
		break;
	case T_ITIMERVAL:
		interval(s->b, u.v, "usec");
		break;
	case T_TIMEZONE:
		print_text(s->b, "{tz_minuteswest=%d, tz_dsttime=%d}", u.zone[0], u.zone[1]);
		break;
	case T_UTIMES: {
		bool nano = s->c->nr == SYS_utimensat;
		print_text(s->b, "[");
		for (int i = 0; i < 2; i++) {
			const char *special = !nano			     ? NULL
					      : u.v[2 * i + 1] == 0x3fffffff ? "UTIME_NOW"
					      : u.v[2 * i + 1] == 0x3ffffffe ? "UTIME_OMIT"
									     : NULL;
			print_text(s->b, i ? ", " : "");
			if (special)
				print_text(s->b, "%s", special);
			else
				dated(s->b, u.v + 2 * i, nano);
		}
		print_text(s->b, "]");
		break;
	}
	case T_RUSAGE:
		rusage(s, &u.ru);
		break;
	case T_RLIMIT:
		print_text(s->b, "{");
		limit(s->b, "rlim_cur", (uint64_t)u.v[0]);
		limit(s->b, ", rlim_max", (uint64_t)u.v[1]);
		print_text(s->b, "}");
		break;
	case T_SYSINFO:
		sysinfo_text(s->b, &u.info);
		break;
	case T_TMS:
		print_text(s->b, "{tms_utime=%lld, tms_stime=%lld, tms_cutime=%lld, tms_cstime=%lld}",
			   (long long)u.v[0], (long long)u.v[1], (long long)u.v[2], (long long)u.v[3]);
		break;
	}
	return true;
}
