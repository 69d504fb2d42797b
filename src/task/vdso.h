/* The vdso: code that the kernel maps into every process, which reads the clock
 * without a system call. Recording needs the calls. */
#ifndef TASK_VDSO_H
#define TASK_VDSO_H

#include <stddef.h>
#include <stdint.h>

/* Offset of a `syscall` instruction in the image, or 0. */
uint64_t vdso_find_syscall(const uint8_t *image, size_t size);
/* Replace each function by one that makes the system call of the same purpose. */
void vdso_patch(uint8_t *image, size_t size);

#endif
