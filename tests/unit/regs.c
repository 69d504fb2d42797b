#include "unit.h"

#include <string.h>

#include "debug/regs.h"

static bool describes(uint64_t xcr0, const char *name)
{
	struct trace_meta m = {.xcr0 = xcr0};
	struct buf out = {0};
	regs_describe(&m, &out);
	buf_u8(&out, 0);
	bool found = strstr((char *)out.data, name);
	buf_free(&out);
	return found;
}

static void registers_are_those_of_the_recorded_cpu(void **s)
{
	(void)s;
	assert_true(describes(0x3, "\"xmm15\""));
	assert_false(describes(0x3, "\"ymm0h\""));
	assert_true(describes(0x7, "\"ymm15h\""));
	assert_false(describes(0x7, "\"zmm0h\""));
	assert_false(describes(0x27, "\"k0\"")); /* not without the other two */
	assert_true(describes(0xe7, "\"k7\""));
	assert_true(describes(0xe7, "\"zmm31h\""));
	assert_false(describes(0xe7, "\"pkru\""));
	assert_true(describes(0x2e7, "\"pkru\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers_are_those_of_the_recorded_cpu),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
