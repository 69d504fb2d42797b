/* The trap of a safepoint must make no difference: whether it traps depends on where the counter
 * stands, which is not the same at record and at replay. */
#ifndef REWRITE_TRAP_H
#define REWRITE_TRAP_H

#include <stdint.h>
#include <string.h>

#include "layout.h"

#define SAFE_BEFORE 8 /* bytes before the int3, which tell the form of the safepoint (emit.c) */

/* The flags as they would be had it not trapped. Where flags are dead, counting has set them, and
 * ZF at zero only. Where they are live they are the program's. */
static inline uint64_t safe_flags(const uint8_t before[SAFE_BEFORE], uint64_t eflags)
{
	static const uint32_t kept = RUNTIME_KEPT;
	int live = !memcmp(before, "\x48\x8b\x0c\x25", 4) && !memcmp(before + 4, &kept, 4);
	return live ? eflags : eflags & ~0x40ull;
}

#endif
