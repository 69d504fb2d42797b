/* Conditions as machine code, to be evaluated in the replayed program (replay/bypass.h). */
#ifndef DEBUG_AGENTCODE_H
#define DEBUG_AGENTCODE_H

#include "base/buf.h"
#include "debug/agent.h"

/* Append code to `out` that yields 1 where one of the `n` expressions is true, else 0. False: there is none,
 * because an expression uses what has no code, or is too long. */
bool agent_compile(const struct expression *l, size_t n, struct buf *out);

#endif
