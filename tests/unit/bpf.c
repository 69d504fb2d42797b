#include "interpose/bpf.h"

#include <linux/audit.h>
#include <stddef.h>

#include "base/mem.h"
#include "unit.h"

#define S(code, k) BPF_STMT(code, k)
#define J(code, k, t, f) BPF_JUMP(BPF_JMP | code, k, t, f)
#define LD(at) S(BPF_LD | BPF_W | BPF_ABS, at)
#define RET(k) S(BPF_RET | BPF_K, k)
#define NR offsetof(struct seccomp_data, nr)
#define ARCH offsetof(struct seccomp_data, arch)
#define ARG0 offsetof(struct seccomp_data, args)

static const struct seccomp_data data = {.nr = 39, .arch = AUDIT_ARCH_X86_64, .args = {0x500000007}};

#define RUN(...)                                                                                             \
	({                                                                                                   \
		const struct sock_filter f_[] = {__VA_ARGS__};                                               \
		bpf_run(f_, ARRAY_LEN(f_), &data);                                                           \
	})
#define ALWAYS(nr, ...)                                                                                      \
	({                                                                                                   \
		const struct sock_filter f_[] = {__VA_ARGS__};                                               \
		bpf_always_allows(f_, ARRAY_LEN(f_), nr);                                                    \
	})

static void loads_and_memory(void **state)
{
	(void)state;
	assert_int_equal(RUN(LD(NR), S(BPF_RET | BPF_A, 0)), 39);
	assert_int_equal(RUN(LD(ARG0), S(BPF_RET | BPF_A, 0)), 7);
	assert_int_equal(RUN(LD(ARG0 + 4), S(BPF_RET | BPF_A, 0)), 5);
	assert_int_equal(RUN(S(BPF_LD | BPF_W | BPF_LEN, 0), S(BPF_RET | BPF_A, 0)), sizeof(data));
	assert_int_equal(RUN(S(BPF_LD | BPF_IMM, 3), S(BPF_ST, 2), S(BPF_LD | BPF_IMM, 4), S(BPF_MISC | BPF_TAX, 0),
			     S(BPF_LD | BPF_MEM, 2), S(BPF_ALU | BPF_SUB | BPF_X, 0), S(BPF_RET | BPF_A, 0)),
			 (uint32_t)-1);
	assert_int_equal(RUN(S(BPF_LDX | BPF_IMM, 9), S(BPF_STX, 15), S(BPF_LD | BPF_MEM, 15), S(BPF_RET | BPF_A, 0)), 9);
}

static void arithmetic(void **state)
{
	(void)state;
	assert_int_equal(RUN(LD(NR), S(BPF_ALU | BPF_MUL | BPF_K, 3), S(BPF_ALU | BPF_NEG, 0), S(BPF_RET | BPF_A, 0)),
			 (uint32_t)-117);
	assert_int_equal(RUN(LD(NR), S(BPF_ALU | BPF_DIV | BPF_K, 2), S(BPF_ALU | BPF_LSH | BPF_K, 4),
			     S(BPF_ALU | BPF_OR | BPF_K, 1), S(BPF_ALU | BPF_XOR | BPF_K, 0x10),
			     S(BPF_ALU | BPF_RSH | BPF_K, 1), S(BPF_RET | BPF_A, 0)),
			 0x90);
	/* By a register that holds zero: the filter ends, and kills. */
	assert_int_equal(RUN(LD(NR), S(BPF_LDX | BPF_IMM, 0), S(BPF_ALU | BPF_DIV | BPF_X, 0), RET(SECCOMP_RET_ALLOW)), 0);
}

static void jumps(void **state)
{
	(void)state;
	assert_int_equal(RUN(LD(NR), J(BPF_JGT | BPF_K, 38, 1, 0), RET(1), J(BPF_JGE | BPF_K, 40, 0, 1), RET(2),
			     J(BPF_JSET | BPF_K, 0x40, 0, 1), RET(3), S(BPF_JMP | BPF_JA, 1), RET(4), RET(5)),
			 5);
	assert_int_equal(RUN(LD(NR), S(BPF_MISC | BPF_TAX, 0), J(BPF_JEQ | BPF_X, 0, 0, 1), RET(6), RET(7)), 6);
}

static void what_is_always_allowed(void **state)
{
	(void)state;
	const struct sock_filter f[] = {LD(ARCH), J(BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0), RET(0), LD(NR),
					J(BPF_JEQ | BPF_K, 1, 0, 1), RET(SECCOMP_RET_ALLOW),
					J(BPF_JEQ | BPF_K, 2, 0, 1), RET(SECCOMP_RET_LOG),
					J(BPF_JEQ | BPF_K, 3, 0, 3), LD(ARG0), J(BPF_JEQ | BPF_K, 0, 0, 1),
					RET(SECCOMP_RET_ALLOW), RET(SECCOMP_RET_TRAP)};
	assert_true(bpf_always_allows(f, ARRAY_LEN(f), 1));
	assert_false(bpf_always_allows(f, ARRAY_LEN(f), 2));
	assert_false(bpf_always_allows(f, ARRAY_LEN(f), 3)); /* it depends on the argument */
	assert_false(bpf_always_allows(f, ARRAY_LEN(f), 4));
	assert_false(ALWAYS(1, LD(offsetof(struct seccomp_data, instruction_pointer)), RET(SECCOMP_RET_ALLOW)));
	assert_true(ALWAYS(1, RET(SECCOMP_RET_ALLOW)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loads_and_memory),
		cmocka_unit_test(arithmetic),
		cmocka_unit_test(jumps),
		cmocka_unit_test(what_is_always_allowed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
