#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"
#include "debug/agent.h"
#include "debug/agentcode.h"
#include "replay/bypass.h"

static const char memory[] = "\xff\xfe\x03\x84hello"; /* at address 0x1000 */

static bool get_reg(void *ctx, unsigned n, uint64_t *value)
{
	(void)ctx;
	*value = 0x1000 + n;
	return n < 16;
}

static size_t get_memory(void *ctx, uint64_t addr, void *out, size_t len)
{
	(void)ctx;
	if (addr < 0x1000 || addr >= 0x1000 + sizeof(memory))
		return 0;
	if (len > 0x1000 + sizeof(memory) - addr)
		len = 0x1000 + sizeof(memory) - addr;
	memcpy(out, memory + (addr - 0x1000), len);
	return len;
}

static const struct agent_target target = {get_reg, get_memory, NULL};

/* The value of hexadecimal bytecode. */
static int run_hex(const char *hex, struct buf *out, uint64_t *value)
{
	uint8_t code[256];
	size_t n = strlen(hex) / 2;
	for (size_t i = 0; i < n; i++) {
		char digits[3] = {hex[2 * i], hex[2 * i + 1], 0};
		code[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return agent_run(code, n, &target, out, value);
}

static void each_operation_computes(void **s)
{
	static const struct {
		const char *code;
		uint64_t value;
	} rows[] = {
		{"27", 0},
		{"2205220302"
		 "27",
		 8},
		{"2205220303"
		 "27",
		 2},
		{"2205220304"
		 "27",
		 15},
		{"22f916082202"
		 "05"
		 "27",
		 (uint64_t)-3}, /* -7 / 2 */
		{"2207220206"
		 "27",
		 3},
		{"22f916082202"
		 "07"
		 "27",
		 (uint64_t)-1}, /* -7 % 2 */
		{"2207220208"
		 "27",
		 1},
		{"2580000000000000"
		 "00"
		 "22ff1608"
		 "05"
		 "27",
		 1ull << 63}, /* INT64_MIN / -1 */
		{"2580000000000000"
		 "00"
		 "22ff1608"
		 "07"
		 "27",
		 0},
		{"2201220409"
		 "27",
		 16},
		{"2201224009"
		 "27",
		 0}, /* by 64 */
		{"22f016082202"
		 "0a"
		 "27",
		 (uint64_t)-4},
		{"22ff1608227f"
		 "0a"
		 "27",
		 (uint64_t)-1},
		{"22f02202"
		 "0b"
		 "27",
		 0x3c},
		{"22000e27", 1},
		{"22050e27", 0},
		{"220c220a0f"
		 "27",
		 8},
		{"220c220a10"
		 "27",
		 14},
		{"220c220a11"
		 "27",
		 6},
		{"22001227", UINT64_MAX},
		{"2205220513"
		 "27",
		 1},
		{"22ff1608220114"
		 "27",
		 1}, /* -1 < 1 */
		{"22ff1608220115"
		 "27",
		 0}, /* unsigned */
		{"22ff160827", UINT64_MAX},
		{"22ff2a0427", 15},
		{"22ff160027", 255},
		{"24000010001727", 0xff},
		{"24000010001827", 0xfeff},
		{"24000010001927", 0x8403feff},
		{"24000010001a27", 0x6c6c65688403feff},
		{"23123427", 0x1234},
		{"250102030405060708"
		 "27",
		 0x0102030405060708},
		{"26000327", 0x1003},
		{"2203280227", 6},
		{"220322042927", 3},
		{"220322042b0327", 1},
		{"220322043201"
		 "27",
		 3}, /* pick */
		{"22012202220333"
		 "27",
		 2}, /* 1 2 3 => 3 1 2 */
		{"220133"
		 "27",
		 0}, /* too few: an error */
		{"2201200008"
		 "220527"
		 "220927",
		 9},
		{"2200200008"
		 "220527"
		 "220927",
		 5},
		{"21000427220927"
		 "220727",
		 9},
	};
	(void)s;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t v = 77;
		if (run_hex(rows[i].code, NULL, &v))
			v = 0;
		if (v != rows[i].value)
			fail_msg("%s gives %llx", rows[i].code, (unsigned long long)v);
	}
}

static void malformed_code_is_an_error(void **s)
{
	static const char *const codes[] = {
		"",   /* no end */
		"22", /* no argument */
		"02",
		"220102",     /* nothing to add */
		"2201220005", /* division by zero */
		"2201220006",
		"2201220007",
		"2201220008",
		"210000", /* goes round for ever */
		"22012100"
		"00",	  /* and fills the stack */
		"21ffff", /* leads outside */
		"2201"
		"3201",	    /* below the bottom */
		"26001027", /* no such register */
		"22001727", /* no memory */
		"01",
		"0c",
		"2c0001",
		"ff", /* not supported */
		"34",
		"22002200340000"
		"0127", /* the format is longer than the code */
		"2200220034000002"
		"4141"
		"27", /* no NUL */
		"2200220034ff0001"
		"00"
		"27", /* 255 values */
	};
	(void)s;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		uint64_t v;
		struct buf out = {0};
		if (!run_hex(codes[i], &out, &v))
			fail_msg("%s is accepted", codes[i]);
		buf_free(&out);
	}
}

static void random_code_does_no_harm(void **s)
{
	uint8_t code[64];
	(void)s;
	srandom(1);
	for (int i = 0; i < 200000; i++) {
		uint64_t v;
		struct buf out = {0};
		size_t n = (size_t)random() % sizeof(code);
		for (size_t k = 0; k < n; k++)
			code[k] = (uint8_t)(random() % 4 ? random() % 0x36 : random());
		agent_run(code, n, &target, &out, &v);
		buf_free(&out);
	}
}

/* --- as machine code --- */

enum { CANNOT_TELL = 2 };

/* int call_native(code, registers); reading is allowed in `memory` only. */
int call_native(const void *code, uint64_t *regs);
extern const char native_fails[], native_reads[];
extern const char native_memory[sizeof(memory) + 8];
const char native_memory[sizeof(memory) + 8] = "\xff\xfe\x03\x84hello";
__asm__("call_native: push %rbx\n push %rbp\n mov %rsp, %rbp\n mov %rsi, %rbx\n call *%rdi\n jmp 1f\n"
	"native_fails: mov $2, %eax\n"
	"1: mov %rbp, %rsp\n pop %rbp\n pop %rbx\n ret\n"
	"native_reads: sub $0x1000, %rax\n cmp $9, %rax\n ja native_fails\n"
	"lea native_memory(%rip), %rdx\n add %rdx, %rax\n ret\n");

static int run_native(const struct buf *code)
{
	uint64_t block[2 + BYPASS_REGS] = {(uint64_t)native_fails, (uint64_t)native_reads};
	void *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(page != MAP_FAILED);
	for (unsigned n = 0; n < BYPASS_REGS; n++)
		get_reg(NULL, n, &block[2 + n]);
	memcpy(page, code->data, code->len);
	int result = call_native(page, block + 2);
	munmap(page, 8192);
	return result;
}

/* A program that needs no more values than it has made; with jumps that go forwards. */
static size_t random_program(uint8_t *code, size_t cap)
{
	static const uint8_t used[] = {0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b,
				       0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17,
				       0x18, 0x19, 0x1a, 0x20, 0x22, 0x22, 0x22, 0x23, 0x24, 0x25,
				       0x26, 0x28, 0x29, 0x2a, 0x2b, 0x32, 0x33};
	size_t n = 0;
	int depth = 0;
	while (n + 20 < cap) {
		struct agent_op o;
		uint8_t op = used[rand() % sizeof(used)];
		assert_true(agent_op(op, &o));
		if (o.pops > depth)
			continue;
		code[n++] = op;
		for (unsigned i = 0; i < o.imm; i++)
			code[n++] = (uint8_t)(rand() % 3 ? rand() % 80 : rand());
		if (op == 0x20) { /* over a constant and its pop */
			code[n - 2] = 0;
			code[n - 1] = (uint8_t)(n + 3);
			memcpy(code + n, "\x22\x07\x29", 3);
			n += 3;
		} else if (op == 0x26) {
			code[n - 2] = 0;
			code[n - 1] &= 15;
		} else if (op == 0x32) {
			code[n - 1] = (uint8_t)(rand() % (depth ? depth : 1));
		} else if (op == 0x19 || op == 0x17) { /* somewhere in memory */
			memcpy(code + n - 1, "\x29\x23\x10", 3);
			code[n + 2] = (uint8_t)(rand() % 7);
			code[n + 3] = op;
			n += 4;
		}
		depth += o.pushes - o.pops;
	}
	code[n++] = 0x27;
	return n;
}

static void machine_code_tells_the_same(void **s)
{
	unsigned compared = 0, unknown = 0;
	(void)s;
	srand(1);
	for (int i = 0; i < 20000; i++) {
		uint8_t code[120];
		uint64_t value;
		struct expression e = {code, random_program(code, 30 + (size_t)(rand() % 90))};
		struct buf native = {0};
		if (agent_compile(&e, 1, &native) && !agent_run(code, e.len, &target, NULL, &value)) {
			int told = run_native(&native);
			unknown += told == CANNOT_TELL;
			compared++;
			assert_true(told == CANNOT_TELL || told == !!value);
		}
		buf_free(&native);
	}
	assert_true(compared > 3000 && unknown < compared / 10);
}

static void what_has_no_machine_code_is_refused(void **s)
{
	static const char *const codes[] = {
		"2201",	 /* no end */
		"260010" /* rip */
		"27",
		"21000027", /* backwards */
		"2201"	    /* the depth depends on the way */
		"2201200009"
		"220127"
		"27",
		"2201200001" /* into the middle of an operation */
		"27",
		"0227", /* the stack is empty */
		"22013200"
		"32ff27", /* below the bottom */
		"ff27",
	};
	(void)s;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		uint8_t code[64];
		struct expression e = {code, strlen(codes[i]) / 2};
		struct buf out = {0};
		for (size_t k = 0; k < e.len; k++) {
			char digits[3] = {codes[i][2 * k], codes[i][2 * k + 1], 0};
			code[k] = (uint8_t)strtoul(digits, NULL, 16);
		}
		assert_false(agent_compile(&e, 1, &out));
		buf_free(&out);
	}
}

static void shows(const char *want, const char *format, unsigned nargs, const uint64_t *args)
{
	struct buf out = {0};
	assert_int_equal(agent_print(format, args, nargs, &target, &out), 0);
	buf_u8(&out, 0);
	assert_string_equal((const char *)out.data, want);
	buf_free(&out);
}

static void printf_shows_numbers_characters_and_strings(void **s)
{
	const uint64_t v[] = {(uint64_t)-5, 0x1234567890, 'x', 0x1004};
	(void)s;
	shows("a\tb\nA\"\\%", "a\\tb\\n\\101\\\"\\\\%%", 0, v);
	shows("-5 34567890 x hello", "%d %x %c %s", 4, v);
	shows("18446744073709551611|1234567890", "%lu|%llx", 2, v);
	shows("fffb|-5|   -5|-5   |-0005", "%hx|%hhd|%5d|%-5d|%.4d", 5,
	      (uint64_t[]){v[0], v[0], v[0], v[0], v[0]});
	shows("0x1004 hel", "%p %.3s", 2, (uint64_t[]){0x1004, 0x1004});
}

static void printf_refuses_what_it_cannot_show(void **s)
{
	static const char *const formats[] = {"%f", "%n", "%", "%*d", "%d%d", "%s"};
	const uint64_t v[] = {1};
	(void)s;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct buf out = {0};
		if (!agent_print(formats[i], v, 1, &target, &out))
			fail_msg("%s is accepted", formats[i]);
		buf_free(&out);
	}
}

static void a_width_is_bounded(void **s)
{
	struct buf out = {0};
	(void)s;
	assert_int_equal(
		agent_print("%99999999999d%.99999d%0-+ #'hhd", (uint64_t[]){1, 2, 3}, 3, &target, &out), 0);
	assert_true(out.len < 3000);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_operation_computes),
		cmocka_unit_test(malformed_code_is_an_error),
		cmocka_unit_test(random_code_does_no_harm),
		cmocka_unit_test(machine_code_tells_the_same),
		cmocka_unit_test(what_has_no_machine_code_is_refused),
		cmocka_unit_test(printf_shows_numbers_characters_and_strings),
		cmocka_unit_test(printf_refuses_what_it_cannot_show),
		cmocka_unit_test(a_width_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
