/* Where things are in the part of every tracee's address space that is ours. Stubs in
 * instrumented images name them, and images outlive this program: a sum of this file and of shared.h is
 * part of the version of an image (image_version), so that one of another layout is never used.
 *
 * Stubs name these addresses with 32 bits, so the range is in the lowest 2 GB. It is small, lies
 * above the heaps of programs linked to fixed addresses and the stubs of those, starts at no round
 * address that somebody might choose, and stays clear of what is known to be wanted there: the
 * shadow of AddressSanitizer (0x7fff7000 to 0x10007fff8000), and Wine's areas (up to 0x68000000,
 * and from 0x7b000000). */
#ifndef RUNTIME_LAYOUT_H
#define RUNTIME_LAYOUT_H

/* --- shared by all tracees: code, and what is true of the whole recording --- */
#define RUNTIME_BASE 0x7a3d0000
#define RUNTIME_HOOK_PTR 0x7a3d0008  /* address of the system call hook; stubs jump through it */
#define RUNTIME_CPUID_PTR 0x7a3d0010 /* address of the cpuid hook; stubs call through it */
#define RUNTIME_TSC_PTR 0x7a3d0018   /* address of the rdtsc hook; stubs call through it */
#define RUNTIME_XSAVEC_PTR 0x7a3d0020 /* address of the hook that completes xsavec; stubs call through it */
#define RUNTIME_XSAVE_PTR 0x7a3d0028  /* and xsave */
#define RUNTIME_BATCH 0x30	     /* offset of the batch loop */
#define RUNTIME_BOOT 0xd0	     /* offset of the routine that maps the data pages */
#define RUNTIME_TRACED 0x800	     /* calls from this offset on are traced */
#define RUNTIME_CPUID_TRAP 0x900     /* offset of the int3 that asks for a cpuid result */
#define RUNTIME_TSC_TRAP 0x920	     /* offset of the int3 that asks for rdtscp's */
#define RUNTIME_CODE_SIZE 0x6000
#define RUNTIME_TABLE 0x7a3d6000 /* struct call_row by number */
#define RUNTIME_TABLE_SIZE 0x3000
#define RUNTIME_WORLD 0x7a3d9000 /* struct world */
#define RUNTIME_COMMON_SIZE 0x10000 /* up to the data pages: nobody maps anything between */

/* --- one for each address space, a memfd that the recorder maps too. It starts at a
 * multiple of 64 KiB: one fault maps its first 16 pages (fault_around_bytes). --- */
#define RUNTIME_DATA 0x7a3e0000 /* one page: the batch */
#define RUNTIME_SPARE 0x7a3e0f20 /* 224 bytes of that page for other data; near its end: */
#define RUNTIME_LEFT (RUNTIME_SPARE + 192) /* struct timespec: what is left of a call's time */
#define RUNTIME_STATE 0x7a3e1000 /* struct state */
#define RUNTIME_TICKS 0x7a3e1ff0 /* safepoints to pass until one traps, times RUNTIME_TICK; in
				    the state's page */
#define RUNTIME_TICK 256
#define RUNTIME_KEPT 0x7a3e1ff8 /* a register of the program's: rcx during a safepoint where flags
				   are live, rdi while an xsave or fnstenv is completed */
#define RUNTIME_STACK_TOP 0x7a3e4000 /* of the hook; two pages */
#define RUNTIME_CPUID_TABLE 0x7a3e4000 /* struct cpuid_row, one page */
#define RUNTIME_XSAVE 0x7a3e4e10       /* struct xsave_layout, in the same page */
#define RUNTIME_FDS 0x7a3e5000	       /* what descriptors are, one page of uint32_t */
#define RUNTIME_BUF 0x7a3e6000	       /* records of calls */
#define RUNTIME_BUF_SIZE 0x100000
#define RUNTIME_DATA_SIZE 0x106000

#define RUNTIME_TSC_SKIP 10 /* bytes in the stub of rdtsc: mov state.rsp, %rsp; jmp */
#define RUNTIME_BATCH_MAX 60	/* calls in a batch */
#define RUNTIME_RESULT 0x5e11000000000000 /* argument of a batch: + i: the result of call i */
#define RUNTIME_END 0x7a4e6000	/* of the data pages */

/* Where scratch areas go if nothing is there; else they go where the kernel finds room. */
#define RUNTIME_SCRATCH 0x7a500000
#define RUNTIME_SCRATCH_END 0x7b000000

/* Numbers of no system call of any kernel, by which the runtime speaks to its tracer. */
#define RUNTIME_DONE_NR 0x5e11	  /* a batch has ended */
#define RUNTIME_STATION_NR 0x5e12 /* after a buffered call: a station */
#define RUNTIME_RDTSC_NR 0x5e14 /* in records: not a call but rdtsc */
#define RUNTIME_CATCH_NR 0x5e15 /* replay: a call that the replayer wants to see starts */
#define RUNTIME_DIVERGE_NR 0x5e13 /* replay: the call is not the recorded one */

#endif
