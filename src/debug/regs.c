#include "debug/regs.h"

#include <cpuid.h>
#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "debug/packet.h"

/* Where a register's value is. The extended ones are in the XSAVE area: in its legacy part, which is the same
 * everywhere (Intel SDM volume 1, 13.4), or in a component whose place the CPU tells. */
enum from { GPR, X87, XSAVE, COMPONENT };

struct row {
	const char *name, *type, *group;
	uint16_t bits;
	uint8_t from;
	uint8_t part; /* the component's number in XCR0 */
	uint16_t off; /* of the value in that */
};

#define G(n, bits, type)                                                                                     \
	{                                                                                                    \
#n, type, NULL, bits, GPR, 0, offsetof(regs_t, n)                                            \
	}
#define ST(n)                                                                                                \
	{                                                                                                    \
		"st" #n, "i387_ext", NULL, 80, XSAVE, 0, 32 + 16 * n                                         \
	}
#define CTRL(n, off)                                                                                         \
	{                                                                                                    \
		n, "int", "float", 32, X87, 0, off                                                           \
	}
#define XMM(n)                                                                                               \
	{                                                                                                    \
		"xmm" #n, "vec128", NULL, 128, XSAVE, 0, 160 + 16 * n                                        \
	}
#define YMM(n)                                                                                               \
	{                                                                                                    \
		"ymm" #n "h", "uint128", NULL, 128, COMPONENT, PART_YMM, 16 * n                              \
	}

/* Of AVX-512: the upper 256 bits of zmm0 to 15; all of zmm16 to 31, in three pieces; the masks. */
#define ZMM(n)                                                                                               \
	{                                                                                                    \
		"zmm" #n "h", "v2ui128", NULL, 256, COMPONENT, PART_ZMM_HIGH, 32 * n                         \
	}
#define XMM_16(n)                                                                                            \
	{                                                                                                    \
		"xmm" #n, "vec128", NULL, 128, COMPONENT, PART_ZMM_16, 64 * (n - 16)                         \
	}
#define YMM_16(n)                                                                                            \
	{                                                                                                    \
		"ymm" #n "h", "uint128", NULL, 128, COMPONENT, PART_ZMM_16, 64 * (n - 16) + 16               \
	}
#define ZMM_16(n)                                                                                            \
	{                                                                                                    \
		"zmm" #n "h", "v2ui128", NULL, 256, COMPONENT, PART_ZMM_16, 64 * (n - 16) + 32               \
	}
#define MASK(n)                                                                                              \
	{                                                                                                    \
		"k" #n, "uint64", NULL, 64, COMPONENT, PART_MASKS, 8 * n                                     \
	}
#define SIXTEEN(M, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)                                           \
	M(a), M(b), M(c), M(d), M(e), M(f), M(g), M(h), M(i), M(j), M(k), M(l), M(m), M(n), M(o), M(p)
#define FIRST_16(M) SIXTEEN(M, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
#define NEXT_16(M) SIXTEEN(M, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31)

/* Bits of XCR0. */
enum part { PART_YMM = 2, PART_MASKS = 5, PART_ZMM_HIGH = 6, PART_ZMM_16 = 7, PART_PKRU = 9 };
#define BIT(n) (1ull << (n))
#define AVX_512 (BIT(PART_YMM) | BIT(PART_MASKS) | BIT(PART_ZMM_HIGH) | BIT(PART_ZMM_16))

static const struct row core[] = {
	G(rax, 64, "int64"),
	G(rbx, 64, "int64"),
	G(rcx, 64, "int64"),
	G(rdx, 64, "int64"),
	G(rsi, 64, "int64"),
	G(rdi, 64, "int64"),
	G(rbp, 64, "data_ptr"),
	G(rsp, 64, "data_ptr"),
	G(r8, 64, "int64"),
	G(r9, 64, "int64"),
	G(r10, 64, "int64"),
	G(r11, 64, "int64"),
	G(r12, 64, "int64"),
	G(r13, 64, "int64"),
	G(r14, 64, "int64"),
	G(r15, 64, "int64"),
	G(rip, 64, "code_ptr"),
	G(eflags, 32, "i386_eflags"),
	G(cs, 32, "int32"),
	G(ss, 32, "int32"),
	G(ds, 32, "int32"),
	G(es, 32, "int32"),
	G(fs, 32, "int32"),
	G(gs, 32, "int32"),
	ST(0),
	ST(1),
	ST(2),
	ST(3),
	ST(4),
	ST(5),
	ST(6),
	ST(7),
	CTRL("fctrl", 0),
	CTRL("fstat", 2),
	CTRL("ftag", 4),
	CTRL("fiseg", 12),
	CTRL("fioff", 8),
	CTRL("foseg", 20),
	CTRL("fooff", 16),
	CTRL("fop", 6),
};
static const struct row sse[] = {
	XMM(0),
	XMM(1),
	XMM(2),
	XMM(3),
	XMM(4),
	XMM(5),
	XMM(6),
	XMM(7),
	XMM(8),
	XMM(9),
	XMM(10),
	XMM(11),
	XMM(12),
	XMM(13),
	XMM(14),
	XMM(15),
	{"mxcsr", "i386_mxcsr", "vector", 32, XSAVE, 0, 24},
};
static const struct row linux_regs[] = {{"orig_rax", "int", NULL, 64, GPR, 0, offsetof(regs_t, orig_rax)}};
static const struct row segments[] = {G(fs_base, 64, "int"), G(gs_base, 64, "int")};
static const struct row avx[] = {FIRST_16(YMM)};
static const struct row avx512[] = {
	NEXT_16(XMM_16), NEXT_16(YMM_16), MASK(0), MASK(1), MASK(2),	   MASK(3),
	MASK(4),	 MASK(5),	  MASK(6), MASK(7), FIRST_16(ZMM), NEXT_16(ZMM_16),
};
static const struct row pkeys[] = {{"pkru", "uint32", NULL, 32, COMPONENT, PART_PKRU, 0}};

/* What types the features of these registers use (gdb/features/i386 names them so). */
static const char core_types[] =
	"<flags id=\"i386_eflags\" size=\"4\"><field name=\"\" start=\"22\" end=\"31\"/><field name=\"CF\" "
	"start=\"0\" end=\"0\"/><field name=\"\" start=\"1\" end=\"1\"/><field name=\"PF\" start=\"2\" "
	"end=\"2\"/><field name=\"AF\" start=\"4\" end=\"4\"/><field name=\"ZF\" start=\"6\" "
	"end=\"6\"/><field "
	"name=\"SF\" start=\"7\" end=\"7\"/><field name=\"TF\" start=\"8\" end=\"8\"/><field name=\"IF\" "
	"start=\"9\" end=\"9\"/><field name=\"DF\" start=\"10\" end=\"10\"/><field name=\"OF\" start=\"11\" "
	"end=\"11\"/></flags>";
#define VECTOR_TYPES                                                                                         \
	"<vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/><vector id=\"v2d\" type=\"ieee_double\" "      \
	"count=\"2\"/><vector id=\"v16i8\" type=\"int8\" count=\"16\"/><vector id=\"v8i16\" type=\"int16\" " \
	"count=\"8\"/><vector id=\"v4i32\" type=\"int32\" count=\"4\"/><vector id=\"v2i64\" type=\"int64\" " \
	"count=\"2\"/><union id=\"vec128\"><field name=\"v4_float\" type=\"v4f\"/><field "                   \
	"name=\"v2_double\" "                                                                                \
	"type=\"v2d\"/><field name=\"v16_int8\" type=\"v16i8\"/><field name=\"v8_int16\" "                   \
	"type=\"v8i16\"/><field "                                                                            \
	"name=\"v4_int32\" type=\"v4i32\"/><field name=\"v2_int64\" type=\"v2i64\"/><field "                 \
	"name=\"uint128\" "                                                                                  \
	"type=\"uint128\"/></union>"
static const char avx512_types[] = VECTOR_TYPES "<vector id=\"v2ui128\" type=\"uint128\" count=\"2\"/>";
static const char sse_types[] = VECTOR_TYPES
	"<flags id=\"i386_mxcsr\" size=\"4\"><field name=\"IE\" start=\"0\" "
	"end=\"0\"/><field name=\"DE\" start=\"1\" end=\"1\"/><field name=\"ZE\" start=\"2\" "
	"end=\"2\"/><field "
	"name=\"OE\" start=\"3\" end=\"3\"/><field name=\"UE\" start=\"4\" end=\"4\"/><field name=\"PE\" "
	"start=\"5\" end=\"5\"/><field name=\"DAZ\" start=\"6\" end=\"6\"/><field name=\"IM\" start=\"7\" "
	"end=\"7\"/><field name=\"DM\" start=\"8\" end=\"8\"/><field name=\"ZM\" start=\"9\" "
	"end=\"9\"/><field "
	"name=\"OM\" start=\"10\" end=\"10\"/><field name=\"UM\" start=\"11\" end=\"11\"/><field name=\"PM\" "
	"start=\"12\" end=\"12\"/><field name=\"FZ\" start=\"15\" end=\"15\"/></flags>";

struct feature {
	const char *name, *types;
	const struct row *rows;
	size_t n;
	uint64_t needs; /* of XCR0 */
};

static const struct feature features[] = {
	{"org.gnu.gdb.i386.core", core_types, core, ARRAY_LEN(core), 0},
	{"org.gnu.gdb.i386.sse", sse_types, sse, ARRAY_LEN(sse), 0},
	{"org.gnu.gdb.i386.linux", "", linux_regs, ARRAY_LEN(linux_regs), 0},
	{"org.gnu.gdb.i386.segments", "", segments, ARRAY_LEN(segments), 0},
	{"org.gnu.gdb.i386.avx", "", avx, ARRAY_LEN(avx), BIT(PART_YMM)},
	{"org.gnu.gdb.i386.avx512", avx512_types, avx512, ARRAY_LEN(avx512), AVX_512},
	{"org.gnu.gdb.i386.pkeys", "", pkeys, ARRAY_LEN(pkeys), BIT(PART_PKRU)},
};

static bool has(const struct trace_meta *m, const struct feature *f)
{
	return (m->xcr0 & f->needs) == f->needs;
}

void regs_describe(const struct trace_meta *m, struct buf *out)
{
	put_text(out, "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\"><target>"
		      "<architecture>i386:x86-64</architecture><osabi>GNU/Linux</osabi>");
	for (size_t i = 0; i < ARRAY_LEN(features); i++) {
		const struct feature *f = &features[i];
		if (!has(m, f))
			continue;
		put_fmt(out, "<feature name=\"%s\">", f->name);
		put_text(out, f->types);
		for (size_t k = 0; k < f->n; k++) {
			const struct row *r = &f->rows[k];
			put_fmt(out, "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\"", r->name, r->bits,
				r->type);
			if (r->group)
				put_fmt(out, " group=\"%s\"", r->group);
			put_text(out, "/>");
		}
		put_text(out, "</feature>");
	}
	put_text(out, "</target>");
}

/* --- values --- */

struct values {
	regs_t gpr;
	uint8_t xsave[XSTATE_MAX];
	size_t len;
};

static int get_values(struct replay *r, int32_t tid, struct values *v)
{
	ssize_t n;
	if (replay_regs(r, tid, &v->gpr))
		return -1;
	n = replay_xstate(r, tid, v->xsave, sizeof(v->xsave));
	v->len = n > 0 ? (size_t)n : 0;
	return 0;
}

/* The tag word, two bits a register, from the abridged one and the values: 3 empty, 1 zero, 2 special,
 * 0 valid (Intel SDM volume 1, 8.1.7). */
static uint32_t full_tags(const struct values *v)
{
	unsigned top = v->xsave[3] >> 3 & 7;
	uint32_t out = 0;
	for (unsigned i = 0; i < 8; i++) {
		const uint8_t *st = v->xsave + 32 + 16 * ((i - top) & 7);
		uint64_t mant;
		uint16_t exp;
		memcpy(&mant, st, 8);
		memcpy(&exp, st + 8, 2);
		exp &= 0x7fff;
		uint32_t tag = exp == 0x7fff ? 2 : !exp ? (mant ? 2 : 1) : mant >> 63 ? 0 : 2;
		out |= (v->xsave[4] >> i & 1 ? tag : 3) << (2 * i);
	}
	return out;
}

static uint32_t x87(const struct values *v, unsigned off)
{
	uint16_t half;
	uint32_t word;
	if (off == 4)
		return full_tags(v);
	memcpy(&half, v->xsave + off, 2);
	memcpy(&word, v->xsave + off, 4);
	return off == 8 || off == 16 ? word : half;
}

/* Where a component begins in the XSAVE area, as this CPU and the kernel have it. 0: it has none. */
static size_t part_offset(unsigned part)
{
	uint32_t size, off, c, d;
	return __get_cpuid_count(0xd, part, &size, &off, &c, &d) ? off : 0;
}

/* The bytes of an extended register, or NULL: there are none. */
static uint8_t *extended(const struct values *v, const struct row *r)
{
	size_t base = r->from == COMPONENT ? part_offset(r->part) : 0, n = r->bits / 8, off = base + r->off;
	bool there = (r->from != COMPONENT || base) && off + n <= v->len;
	return there ? (uint8_t *)v->xsave + off : NULL;
}

static void put_value(const struct values *v, const struct row *r, struct buf *out)
{
	size_t n = r->bits / 8;
	uint32_t word;
	if (r->from == GPR) {
		put_hex(out, (const uint8_t *)&v->gpr + r->off, n);
	} else if (!extended(v, r)) {
		for (size_t i = 0; i < n; i++)
			put_text(out, "xx");
	} else if (r->from == X87) {
		word = x87(v, r->off);
		put_hex(out, &word, 4);
	} else {
		put_hex(out, extended(v, r), n);
	}
}

int regs_all(struct replay *r, int32_t tid, struct buf *out)
{
	struct values v;
	if (get_values(r, tid, &v))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(features); i++) {
		for (size_t k = 0; !features[i].needs && k < features[i].n; k++)
			put_value(&v, &features[i].rows[k], out);
	}
	return 0;
}

static const struct row *row_of(const struct trace_meta *m, unsigned number)
{
	for (size_t i = 0; i < ARRAY_LEN(features); i++) {
		if (!has(m, &features[i]))
			continue;
		if (number < features[i].n)
			return &features[i].rows[number];
		number -= (unsigned)features[i].n;
	}
	return NULL;
}

int regs_one(struct replay *r, int32_t tid, unsigned number, struct buf *out)
{
	struct values v;
	const struct row *row = row_of(replay_meta(r), number);
	if (!row || get_values(r, tid, &v))
		return -1;
	put_value(&v, row, out);
	return 0;
}

int regs_value(struct replay *r, int32_t tid, unsigned number, uint64_t *value)
{
	struct values v;
	const struct row *row = row_of(replay_meta(r), number);
	size_t n = row && row->bits < 64 ? row->bits / 8 : 8;
	*value = 0;
	if (!row || (row->from == GPR ? replay_regs(r, tid, &v.gpr) : get_values(r, tid, &v)))
		return -1;
	if (row->from == X87)
		*value = x87(&v, row->off);
	else if (row->from == GPR)
		memcpy(value, (const uint8_t *)&v.gpr + row->off, n);
	else if (extended(&v, row))
		memcpy(value, extended(&v, row), n);
	else
		return -1;
	return 0;
}

/* --- writing --- */

/* The abridged tag word, a bit a register, from the full one. */
static uint8_t abridged(uint32_t tags)
{
	uint8_t out = 0;
	for (unsigned i = 0; i < 8; i++)
		out |= (uint8_t)(((tags >> (2 * i) & 3) != 3) << i);
	return out;
}

static void set_x87(struct values *v, unsigned off, const uint8_t *bytes)
{
	uint32_t word;
	memcpy(&word, bytes, 4);
	if (off == 4)
		v->xsave[4] = abridged(word);
	else
		memcpy(v->xsave + off, bytes, off == 8 || off == 16 ? 4 : 2);
}

/* Components that hold values (XSTATE_BV, behind the 512 bytes of the legacy part): all that gdb knows of. */
static void mark_in_use(struct values *v, uint64_t xcr0)
{
	uint64_t bv;
	if (v->len < 520)
		return;
	memcpy(&bv, v->xsave + 512, 8);
	bv |= xcr0 & (3 | AVX_512 | BIT(PART_PKRU));
	memcpy(v->xsave + 512, &bv, 8);
}

static void set_value(struct values *v, const struct row *r, const uint8_t *bytes)
{
	size_t n = r->bits / 8;
	if (r->from == GPR && r->off != offsetof(regs_t, orig_rax))
		memcpy((uint8_t *)&v->gpr + r->off, bytes, n);
	else if (r->from == X87 && v->len >= 512)
		set_x87(v, r->off, bytes);
	else if (r->from != GPR && r->from != X87 && extended(v, r))
		memcpy(extended(v, r), bytes, n);
}

int regs_write(struct replay *r, int32_t tid, unsigned number, const uint8_t *bytes, size_t len)
{
	struct values was, now;
	const struct row *row;
	if (get_values(r, tid, &was))
		return -1;
	now = was;
	for (; (row = row_of(replay_meta(r), number)) && len >= row->bits / 8u; number++) {
		set_value(&now, row, bytes);
		bytes += row->bits / 8;
		len -= row->bits / 8;
	}
	bool gpr = memcmp(&now.gpr, &was.gpr, sizeof(now.gpr)), ext = memcmp(now.xsave, was.xsave, was.len);
	if (len)
		return -1;
	if (ext)
		mark_in_use(&now, replay_meta(r)->xcr0);
	if ((gpr || ext) && replay_divert(r))
		return -1;
	if (gpr && replay_set_regs(r, tid, &now.gpr))
		return -1;
	return ext ? replay_set_xstate(r, tid, now.xsave, now.len) : 0;
}

void regs_expedite(struct replay *r, int32_t tid, struct buf *out)
{
	static const unsigned which[] = {6, 7, 16};
	struct values v;
	if (replay_regs(r, tid, &v.gpr))
		return;
	for (size_t i = 0; i < ARRAY_LEN(which); i++) {
		put_fmt(out, "%02x:", which[i]);
		put_value(&v, &core[which[i]], out);
		put_text(out, ";");
	}
}
