/* Seccomp filters of the recorded program: classic BPF over struct seccomp_data, as the kernel
 * runs it (kernel/seccomp.c, net/core/filter.c). */
#ifndef INTERPOSE_BPF_H
#define INTERPOSE_BPF_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

/* What the filter of `n` instructions, which the kernel has accepted, answers for the call `sd`:
 * SECCOMP_RET_* and its data. */
uint32_t bpf_run(const struct sock_filter *code, unsigned n, const struct seccomp_data *sd);

/* Does it answer SECCOMP_RET_ALLOW for the x86-64 call `nr` whatever its arguments and wherever it is
 * made? False where that is not certain. */
bool bpf_always_allows(const struct sock_filter *code, unsigned n, int nr);

#endif
