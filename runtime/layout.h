/* Where things are in the part of every tracee's address space that is ours. */
#ifndef RUNTIME_LAYOUT_H
#define RUNTIME_LAYOUT_H

#define RUNTIME_BASE 0x70000000
#define RUNTIME_BATCH 0x10	/* offset of the batch loop */
#define RUNTIME_TRACED 0x800	/* calls from this offset on are traced */
#define RUNTIME_CODE_SIZE 0x1000
#define RUNTIME_DATA 0x70001000 /* one page: the batch */
#define RUNTIME_SPARE 0x70001f20 /* 224 bytes of that page for other data */
#define RUNTIME_SIZE 0x2000
#define RUNTIME_BATCH_MAX 60	/* calls in a batch */
#define RUNTIME_DONE_NR 0x5e11	/* no system call of any kernel */
#define RUNTIME_SCRATCH 0x71000000 /* scratch areas of tasks, bump allocated */
#define RUNTIME_END 0x80000000	/* nothing of ours at or after this address */

#endif
