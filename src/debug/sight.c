#include "debug/sight.h"

#include "debug/regs.h"

static bool get_reg(void *ctx, unsigned n, uint64_t *value)
{
	const struct sight *of = ctx;
	return !regs_value(of->r, of->tid, n, value);
}

static size_t get_memory(void *ctx, uint64_t addr, void *out, size_t len)
{
	const struct sight *of = ctx;
	return replay_read(of->r, of->tid, addr, out, len);
}

struct agent_target sight_target(struct sight *of)
{
	return (struct agent_target){get_reg, get_memory, of};
}
