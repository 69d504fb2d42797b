/* The bytes of stubs. */
#ifndef REWRITE_EMIT_H
#define REWRITE_EMIT_H

#include "rewrite/plan.h"

#define STUB_MAX 256

/* A stub being written for address `at`. */
struct stub {
	uint64_t at;
	uint8_t code[STUB_MAX];
	unsigned len;
	struct step {
		uint64_t app;
		unsigned off;
		bool trapped;	    /* behind the trap of a safepoint */
	} steps[4 * GROUP_MAX + 4]; /* for the site map */
	unsigned nsteps;
	bool bad; /* something is out of reach */
};

/* Write the stub of `g` for address `at`. 0, or -1: a target is out of reach. */
int stub_emit(const struct elf_text *t, const struct group *g, uint64_t at, struct stub *s);
/* The stub of a jump or call whose distance is changed to lead to it: a safepoint, and on. */
int stub_emit_on_way(const struct insn *in, uint64_t at, struct stub *s);
/* Add a copy of the instruction whose bytes stand at `addr`, and what a jump to `to` takes, to a
 * stub; s->bad says that something was out of reach, or is no instruction. */
void stub_move(struct stub *s, const uint8_t *bytes, size_t len, uint64_t addr);
void stub_jump(struct stub *s, uint64_t to);
/* jmp rel32 at `at` to `to`. */
void emit_jump(uint8_t code[JUMP_LEN], uint64_t at, uint64_t to);

#endif
