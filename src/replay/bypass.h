/* What code must look like that tells, inside the replayed program, whether a breakpoint may stop
 * (replay_break_code). It is called at any address, with rbx as below, and returns: rax is 0 where the task
 * passes by. It may change rax, rcx, rdx and flags, and push BYPASS_STACK bytes. What it cannot tell it
 * leaves by BYPASS_FAILS: then the replayer asks the condition. */
#ifndef REPLAY_BYPASS_H
#define REPLAY_BYPASS_H

#define BYPASS_CODE_MAX 0xa00
#define BYPASS_STACK 0x800

/* From rbx on stand the program's registers, 8 bytes each, by gdb's numbers: rax, rbx, rcx, rdx, rsi, rdi,
 * rbp, rsp, r8 to r15. Before it stand addresses: */
#define BYPASS_REGS 16
#define BYPASS_READS (-8)  /* to be called before 8 bytes at the address in rax are read; changes rdx */
#define BYPASS_FAILS (-16) /* to jump to */

#endif
