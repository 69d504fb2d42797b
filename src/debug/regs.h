/* Registers as gdb numbers and describes them. */
#ifndef DEBUG_REGS_H
#define DEBUG_REGS_H

#include "base/buf.h"
#include "replay/replay.h"

/* The target description of the CPU that was recorded, as XML. */
void regs_describe(const struct trace_meta *m, struct buf *out);
/* Registers of a task that every CPU has, in hexadecimal, as g wants them. gdb asks for the others one by
 * one; it takes those for all that there are when it reads a process that it has just heard of, for which it
 * has no description yet. 0 or -1. */
int regs_all(struct replay *r, int32_t tid, struct buf *out);
/* Register `number`, as p wants it. 0 or -1. */
int regs_one(struct replay *r, int32_t tid, unsigned number, struct buf *out);
/* The value of register `number`: its low 64 bits. 0 or -1. */
int regs_value(struct replay *r, int32_t tid, unsigned number, uint64_t *value);
/* Write registers from `number` on, as many as `len` bytes hold, in a diversion, which begins where one of
 * them would get another value. 0 or -1. */
int regs_write(struct replay *r, int32_t tid, unsigned number, const uint8_t *bytes, size_t len);
/* The registers that every stop reply tells: rbp, rsp, rip. */
void regs_expedite(struct replay *r, int32_t tid, struct buf *out);

#endif
