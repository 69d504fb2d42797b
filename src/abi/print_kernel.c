/* What few programs ask the kernel for: capabilities, the state of its clock, keys. */
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/timex.h>

#include "abi/printer.h"
#include "base/mem.h"

static const char *const cap_names[] = {"CHOWN",
					"DAC_OVERRIDE",
					"DAC_READ_SEARCH",
					"FOWNER",
					"FSETID",
					"KILL",
					"SETGID",
					"SETUID",
					"SETPCAP",
					"LINUX_IMMUTABLE",
					"NET_BIND_SERVICE",
					"NET_BROADCAST",
					"NET_ADMIN",
					"NET_RAW",
					"IPC_LOCK",
					"IPC_OWNER",
					"SYS_MODULE",
					"SYS_RAWIO",
					"SYS_CHROOT",
					"SYS_PTRACE",
					"SYS_PACCT",
					"SYS_ADMIN",
					"SYS_BOOT",
					"SYS_NICE",
					"SYS_RESOURCE",
					"SYS_TIME",
					"SYS_TTY_CONFIG",
					"MKNOD",
					"LEASE",
					"AUDIT_WRITE",
					"AUDIT_CONTROL",
					"SETFCAP",
					"MAC_OVERRIDE",
					"MAC_ADMIN",
					"SYSLOG",
					"WAKE_ALARM",
					"BLOCK_SUSPEND",
					"AUDIT_READ",
					"PERFMON",
					"BPF",
					"CHECKPOINT_RESTORE"};

static void caps(struct buf *b, uint64_t v)
{
	const char *sep = "";
	if (!v)
		print_text(b, "0");
	for (unsigned i = 0; i < 64; i++) {
		if (!(v >> i & 1))
			continue;
		if (i < ARRAY_LEN(cap_names))
			print_text(b, "%s1<<CAP_%s", sep, cap_names[i]);
		else
			print_text(b, "%s1<<%u", sep, i);
		sep = "|";
	}
}

static const struct name versions[] = {{_LINUX_CAPABILITY_VERSION_1, "_LINUX_CAPABILITY_VERSION_1"},
				       {_LINUX_CAPABILITY_VERSION_2, "_LINUX_CAPABILITY_VERSION_2"},
				       {_LINUX_CAPABILITY_VERSION_3, "_LINUX_CAPABILITY_VERSION_3"}};

static bool cap_header(struct shown *s)
{
	static const struct name_table t = {versions, ARRAY_LEN(versions), 0, 0, NULL};
	struct __user_cap_header_struct h;
	if (printer_read(s->c, s->addr, s->out, &h, sizeof(h)) != sizeof(h))
		return false;
	print_text(s->b, "{version=");
	print_named(s->b, &t, h.version,
		    h.version ? "%#llx /* _LINUX_CAPABILITY_VERSION_??? */"
			      : "%llu /* _LINUX_CAPABILITY_VERSION_??? */");
	print_text(s->b, ", pid=%d}", h.pid);
	return true;
}

/* One or two structures: the header says. */
static bool cap_data(struct shown *s)
{
	struct __user_cap_header_struct h;
	struct __user_cap_data_struct d[2] = {{0}};
	if (printer_read(s->c, s->c->args[0], false, &h, sizeof(h)) != sizeof(h))
		return false;
	size_t n =
		h.version == _LINUX_CAPABILITY_VERSION_2 || h.version == _LINUX_CAPABILITY_VERSION_3 ? 2 : 1;
	if (printer_read(s->c, s->addr, s->out, d, n * sizeof(*d)) != n * sizeof(*d))
		return false;
	print_text(s->b, "{effective=");
	caps(s->b, d[0].effective | (uint64_t)d[1].effective << 32);
	print_text(s->b, ", permitted=");
	caps(s->b, d[0].permitted | (uint64_t)d[1].permitted << 32);
	print_text(s->b, ", inheritable=");
	caps(s->b, d[0].inheritable | (uint64_t)d[1].inheritable << 32);
	print_text(s->b, "}");
	return true;
}

#define F(f)                                                                                                 \
	{                                                                                                    \
		f, #f                                                                                        \
	}
static const struct name adj_names[] = {{0, "0"},
					{ADJ_OFFSET_SINGLESHOT, "ADJ_OFFSET_SINGLESHOT"},
					{ADJ_OFFSET_SS_READ, "ADJ_OFFSET_SS_READ"},
					F(ADJ_OFFSET),
					F(ADJ_FREQUENCY),
					F(ADJ_MAXERROR),
					F(ADJ_ESTERROR),
					F(ADJ_STATUS),
					F(ADJ_TIMECONST),
					F(ADJ_TAI),
					F(ADJ_SETOFFSET),
					F(ADJ_MICRO),
					F(ADJ_NANO),
					F(ADJ_TICK)};
static const struct name sta_names[] = {F(STA_PLL),	  F(STA_PPSFREQ),   F(STA_PPSTIME),   F(STA_FLL),
					F(STA_INS),	  F(STA_DEL),	    F(STA_UNSYNC),    F(STA_FREQHOLD),
					F(STA_PPSSIGNAL), F(STA_PPSJITTER), F(STA_PPSWANDER), F(STA_PPSERROR),
					F(STA_CLOCKERR),  F(STA_NANO),	    F(STA_MODE),      F(STA_CLK)};

static bool timex(struct shown *s)
{
	/* The first three are whole values. */
	static const struct name_table whole = {adj_names, 3, 0, 0, NULL},
				       adj = {adj_names + 3, ARRAY_LEN(adj_names) - 3, 0, 1, NULL},
				       sta = {sta_names, ARRAY_LEN(sta_names), 0, 1, NULL};
	struct timex t;
	struct buf *b = s->b;
	if (printer_read(s->c, s->addr, s->out, &t, sizeof(t)) != sizeof(t))
		return false;
	print_text(b, "{modes=");
	if (!t.modes || t.modes == ADJ_OFFSET_SINGLESHOT || t.modes == ADJ_OFFSET_SS_READ)
		print_named(b, &whole, t.modes, "%#llx");
	else
		print_flags(b, &adj, t.modes);
	print_text(b, ", offset=%ld, freq=%ld, maxerror=%lu, esterror=%lu, status=", t.offset, t.freq,
		   (unsigned long)t.maxerror, (unsigned long)t.esterror);
	print_flags(b, &sta, (uint32_t)t.status);
	print_text(b,
		   ", constant=%ld, precision=%lu, tolerance=%ld, time={tv_sec=%lld, tv_usec=%lld}, tick=%ld",
		   t.constant, (unsigned long)t.precision, t.tolerance, (long long)t.time.tv_sec,
		   (long long)t.time.tv_usec, t.tick);
	print_text(b,
		   ", ppsfreq=%ld, jitter=%ld, shift=%d, stabil=%ld, jitcnt=%ld, calcnt=%ld, errcnt=%ld, "
		   "stbcnt=%ld, tai=%d}",
		   t.ppsfreq, t.jitter, t.shift, t.stabil, t.jitcnt, t.calcnt, t.errcnt, t.stbcnt, t.tai);
	return true;
}

bool print_kernel_struct(struct shown *s, int type)
{
	switch (type) {
	case T_CAPHDR:
		return cap_header(s);
	case T_CAPDATA:
		return cap_data(s);
	case T_TIMEX:
		return timex(s);
	}
	return false;
}

static const struct name serials[] = {
	{(uint32_t)-1, "KEY_SPEC_THREAD_KEYRING"},	 {(uint32_t)-2, "KEY_SPEC_PROCESS_KEYRING"},
	{(uint32_t)-3, "KEY_SPEC_SESSION_KEYRING"},	 {(uint32_t)-4, "KEY_SPEC_USER_KEYRING"},
	{(uint32_t)-5, "KEY_SPEC_USER_SESSION_KEYRING"}, {(uint32_t)-6, "KEY_SPEC_GROUP_KEYRING"},
	{(uint32_t)-7, "KEY_SPEC_REQKEY_AUTH_KEY"},	 {(uint32_t)-8, "KEY_SPEC_REQUESTOR_KEYRING"}};
static const struct name defaults[] = {
	{(uint32_t)-1, "KEY_REQKEY_DEFL_NO_CHANGE"}, F(KEY_REQKEY_DEFL_DEFAULT),
	F(KEY_REQKEY_DEFL_THREAD_KEYRING),	     F(KEY_REQKEY_DEFL_PROCESS_KEYRING),
	F(KEY_REQKEY_DEFL_SESSION_KEYRING),	     F(KEY_REQKEY_DEFL_USER_KEYRING),
	F(KEY_REQKEY_DEFL_USER_SESSION_KEYRING),     F(KEY_REQKEY_DEFL_GROUP_KEYRING),
	F(KEY_REQKEY_DEFL_REQUESTOR_KEYRING)};
/* Bits of each byte: of the possessor, the user, the group, others. */
static const char *const permissions[] = {"VIEW", "READ", "WRITE", "SEARCH", "LINK", "SETATTR"};

/* k: a key; u: unsigned; i: signed; s: a string; b: bytes, as many as the next argument says; o: memory that
 * is written, so many bytes; p: permissions; d: which keyring. */
static const struct {
	uint8_t op;
	const char *name, *args;
} key_ops[] = {
	{0, "KEYCTL_GET_KEYRING_ID", "ki"},
	{1, "KEYCTL_JOIN_SESSION_KEYRING", "s"},
	{2, "KEYCTL_UPDATE", "kbu"},
	{3, "KEYCTL_REVOKE", "k"},
	{4, "KEYCTL_CHOWN", "kii"},
	{5, "KEYCTL_SETPERM", "kp"},
	{6, "KEYCTL_DESCRIBE", "kou"},
	{7, "KEYCTL_CLEAR", "k"},
	{8, "KEYCTL_LINK", "kk"},
	{9, "KEYCTL_UNLINK", "kk"},
	{10, "KEYCTL_SEARCH", "kssk"},
	{11, "KEYCTL_READ", "kou"},
	{12, "KEYCTL_INSTANTIATE", "kbuk"},
	{13, "KEYCTL_NEGATE", "kuk"},
	{14, "KEYCTL_SET_REQKEY_KEYRING", "d"},
	{15, "KEYCTL_SET_TIMEOUT", "ku"},
	{16, "KEYCTL_ASSUME_AUTHORITY", "k"},
	{17, "KEYCTL_GET_SECURITY", "kou"},
	{18, "KEYCTL_SESSION_TO_PARENT", ""},
	{21, "KEYCTL_INVALIDATE", "k"},
	{22, "KEYCTL_GET_PERSISTENT", "ik"},
};

void print_key(struct buf *b, uint64_t v)
{
	static const struct name_table t = {serials, ARRAY_LEN(serials), 0, 0, NULL};
	if ((int)v < 0)
		print_named(b, &t, (uint32_t)v, "%lld");
	else
		print_text(b, "%d", (int)v);
}

static void key_permissions(struct buf *b, uint32_t v)
{
	static const char *const who[] = {"POS", "USR", "GRP", "OTH"};
	const char *sep = "";
	uint32_t known = 0x3f3f3f3f;
	for (int w = 0; w < 4; w++) {
		for (int i = 0; i < 6; i++) {
			if (v >> (24 - 8 * w + i) & 1) {
				print_text(b, "%sKEY_%s_%s", sep, who[w], permissions[i]);
				sep = "|";
			}
		}
	}
	if (v & ~known || !v)
		print_text(b, v ? "%s%#x" : "%s0", sep, v & ~known);
}

/* What a key holds, or is called: as text where the kernel has written text. */
static void key_result(struct printed_call *c, struct buf *b, int i)
{
	bool failed = c->result < 0 && c->result > -4096;
	uint64_t n = failed ? 0 : (uint64_t)c->result < c->args[i + 1] ? (uint64_t)c->result : c->args[i + 1];
	if (failed || !c->args[i])
		print_addr(b, c->args[i]);
	else if (c->args[0] == KEYCTL_READ)
		print_bytes(c, b, c->args[i], true, n, false);
	else
		print_string(c, b, c->args[i], false);
}

static void key_argument(struct printed_call *c, struct buf *b, char kind, int i)
{
	static const struct name_table rings = {defaults, ARRAY_LEN(defaults), 0, 0, NULL};
	switch (kind) {
	case 'k':
		print_key(b, c->args[i]);
		break;
	case 'u':
		print_text(b, "%llu", (unsigned long long)c->args[i]);
		break;
	case 'i':
		print_text(b, "%d", (int)c->args[i]);
		break;
	case 's':
		print_string(c, b, c->args[i], false);
		break;
	case 'b':
		print_bytes(c, b, c->args[i], false, c->args[i + 1], false);
		break;
	case 'o':
		key_result(c, b, i);
		break;
	case 'p':
		key_permissions(b, (uint32_t)c->args[i]);
		break;
	case 'd':
		print_named(b, &rings, (uint32_t)c->args[i], "%#llx");
		break;
	}
}

static void unknown_operation(struct printed_call *c, struct buf *b)
{
	print_sep(c, b);
	print_text(b, "%#x /* KEYCTL_??? */", (uint32_t)c->args[0]);
	for (int i = 1; i < 5; i++) {
		print_sep(c, b);
		print_text(b, "%#llx", (unsigned long long)c->args[i]);
	}
	c->at = 6;
}

enum special print_keyctl(struct printed_call *c, struct buf *b)
{
	size_t op = 0;
	while (op < ARRAY_LEN(key_ops) && key_ops[op].op != c->args[0])
		op++;
	if (op == ARRAY_LEN(key_ops)) {
		unknown_operation(c, b);
		return SPECIAL_DONE;
	}
	if (!c->at) {
		print_sep(c, b);
		print_text(b, "%s", key_ops[op].name);
		c->at = 1;
	}
	for (const char *a = key_ops[op].args; a[c->at - 1]; c->at++) {
		if (a[c->at - 1] == 'o' && !c->exit)
			return SPECIAL_LATER;
		print_sep(c, b);
		key_argument(c, b, a[c->at - 1], c->at);
		if (c->at == (int)strlen(a))
			break;
	}
	c->at = 6;
	return SPECIAL_DONE;
}
