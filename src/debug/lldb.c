/* Packets of lldb's own, which it sends beside gdb's (lldb's document lldb-gdb-remote describes them). */
#include "debug/session.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"

static const char triple[] = "x86_64-pc-linux-gnu";

static bool reply(struct session *s, const char *text)
{
	put_text(&s->out, text);
	return true;
}

static void put_key(struct buf *b, const char *key, const char *text)
{
	put_fmt(b, "%s:", key);
	put_hex(b, text, strlen(text));
	put_text(b, ";");
}

/* --- what is debugged --- */

static bool on_host(struct session *s, const char *p)
{
	(void)p;
	s->lldb = true;
	put_key(&s->out, "triple", triple);
	return reply(s, "ostype:linux;vendor:pc;endian:little;ptrsize:8;vm-page-size:4096;"
			"watchpoint_exceptions_received:after;default_packet_timeout:600;");
}

static bool on_version(struct session *s, const char *p)
{
	(void)p;
	return reply(s, "name:reprise;version:" REPRISE_VERSION ";");
}

static void put_process(struct session *s, int32_t tgid, const char *exe)
{
	put_fmt(&s->out, "pid:%x;", tgid);
	put_key(&s->out, "triple", triple);
	if (exe)
		put_key(&s->out, "name", exe);
	else
		put_text(&s->out, "ostype:linux;vendor:pc;endian:little;ptrsize:8;");
}

static bool on_process(struct session *s, const char *p)
{
	(void)p;
	put_process(s, s->tgid, NULL);
	return true;
}

/* qProcessInfoPID:PID, in decimal: with the name of its program, from which lldb reads symbols. */
static bool on_process_number(struct session *s, const char *p)
{
	struct task_view v;
	int pid;
	if (sscanf(p, "qProcessInfoPID:%d", &pid) != 1 || !replay_task_view(s->r, procs_task(s, pid), &v))
		return reply(s, "E03");
	put_process(s, pid, v.exe);
	return true;
}

/* lldb wants the word that leads to the dynamic linker's data. */
static bool on_list_address(struct session *s, const char *p)
{
	uint64_t at = libraries_word(s);
	(void)p;
	if (!at)
		return reply(s, "E01");
	put_fmt(&s->out, "%llx", (unsigned long long)at);
	return true;
}

/* --- what a client can do, and wants --- */

static bool on_suffix(struct session *s, const char *p)
{
	(void)p;
	s->suffix = s->lldb = true;
	return reply(s, "OK");
}

static bool on_list(struct session *s, const char *p)
{
	(void)p;
	s->lists_threads = true;
	return reply(s, "OK");
}

/* --- threads --- */

/* qThreadStopInfoTID */
static bool on_thread_stop(struct session *s, const char *p)
{
	int64_t pid, tid;
	struct task_view v;
	p += strlen("qThreadStopInfo");
	if (!get_thread(&p, &pid, &tid) || !replay_task_view(s->r, (int32_t)tid, &v) || v.dead)
		return reply(s, "E03");
	task_reply(s, (int32_t)tid);
	return true;
}

/* --- memory --- */

/* xADDR,LEN: m, with bytes in place of hexadecimal. x0,0: is there this packet? */
static bool on_read_binary(struct session *s, const char *p)
{
	static uint8_t data[PACKET_MAX / 2 - 16];
	uint64_t addr, len;
	p++;
	if (!get_num(&p, &addr) || !get_char(&p, ',') || !get_num(&p, &len))
		return reply(s, "E01");
	if (!len)
		return reply(s, "OK");
	size_t n = replay_read(s->r, s->general, addr, data, len < sizeof(data) ? len : sizeof(data));
	if (!n)
		return reply(s, "E14");
	buf_put(&s->out, data, n);
	return true;
}

static void put_region(struct session *s, const struct kernel_mapping *k)
{
	put_fmt(&s->out, "start:%llx;size:%llx;permissions:%s%s%s;", (unsigned long long)k->start,
		(unsigned long long)(k->end - k->start), k->prot & PROT_READ ? "r" : "",
		k->prot & PROT_WRITE ? "w" : "", k->prot & PROT_EXEC ? "x" : "");
	if (k->name[0])
		put_key(&s->out, "name", k->name);
}

/* qMemoryRegionInfo:ADDR: the mapping there, or the room between two of them. */
static bool on_region(struct session *s, const char *p)
{
	const struct space *space = replay_space(s->r, s->general);
	uint64_t addr, from = 0, to = 0;
	p += strlen("qMemoryRegionInfo:");
	if (!space || !get_num(&p, &addr))
		return reply(s, "E01");
	for (const struct mapping *m = space_first(space); m; m = space_next(space, m)) {
		const struct kernel_mapping *k = &m->recorded;
		if (k->flags & MAPF_AREA)
			continue;
		if (addr >= k->start && addr < k->end) {
			put_region(s, k);
			return true;
		}
		if (k->start > addr) {
			to = k->start;
			break;
		}
		from = k->end;
	}
	put_fmt(&s->out, "start:%llx;size:%llx;", (unsigned long long)from, (unsigned long long)(to - from));
	return true;
}

const struct packet lldb_packets[] = {
	{"qHostInfo", on_host, true},
	{"qGDBServerVersion", on_version, true},
	{"qProcessInfoPID:", on_process_number, false},
	{"qProcessInfo", on_process, true},
	{"qShlibInfoAddr", on_list_address, true},
	{"QThreadSuffixSupported", on_suffix, true},
	{"QListThreadsInStopReply", on_list, true},
	{"qThreadStopInfo", on_thread_stop, false},
	{"qMemoryRegionInfo:", on_region, false},
	{"x", on_read_binary, false},
	{0},
};
