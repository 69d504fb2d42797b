/* What a condition, or a command of a breakpoint, sees of a stopped task. */
#ifndef DEBUG_SIGHT_H
#define DEBUG_SIGHT_H

#include "debug/agent.h"
#include "replay/replay.h"

struct sight {
	struct replay *r;
	int32_t tid;
};

/* Registers and memory of the task, good as long as `of` is. */
struct agent_target sight_target(struct sight *of);

#endif
