/* The runtime's system calls: those that nobody sees, and those that stop the task for the tracer. */
#include "layout.h"

/* Offset in struct state. */
#define STATE_TSC_AUX 104

	.section .text.raw, "ax"

/* long raw_call(const uint64_t args[6], long nr): a system call that nobody sees. */
	.globl raw_call
raw_call:
	mov	%rsi, %rax
	mov	(%rdi), %r11
	mov	8(%rdi), %rsi
	mov	16(%rdi), %rdx
	mov	24(%rdi), %r10
	mov	32(%rdi), %r8
	mov	40(%rdi), %r9
	mov	%r11, %rdi
	syscall
	ret

/* long raw_frame(const struct hook_frame *f): the program's own call. */
	.globl raw_frame
raw_frame:
	mov	(%rdi), %rax
	mov	16(%rdi), %rsi
	mov	24(%rdi), %rdx
	mov	32(%rdi), %r10
	mov	40(%rdi), %r8
	mov	48(%rdi), %r9
	mov	8(%rdi), %rdi
	syscall
	ret

/* Outside the range that the seccomp filter lets pass: these calls stop the task
 * without a signal, whose forced delivery would reset the program's SIGTRAP handler
 * when it blocks SIGTRAP. */
	.section .text.traced, "ax"
	.globl remote_done
remote_done:
	syscall
	int3
	jmp	remote_done
	.globl station
station:
	syscall
	int3
	.globl diverge_call
diverge_call:
	mov	$RUNTIME_DIVERGE_NR, %eax
	syscall
	jmp	diverge_call
	.globl catch_call
catch_call:
	mov	$RUNTIME_CATCH_NR, %eax
	syscall
	ret

/* The tracer answers, and ip moves on to the ret. */
	.org	RUNTIME_CPUID_TRAP - RUNTIME_TRACED
	.globl cpuid_trap
cpuid_trap:
	int3
	ret

/* Likewise, with what rdtscp leaves in ecx, for the stub of one. */
	.org	RUNTIME_TSC_TRAP - RUNTIME_TRACED
	.globl tsc_trap
tsc_trap:
	int3
	mov	%rcx, RUNTIME_STATE + STATE_TSC_AUX
	pop	%rcx
	popfq
	ret
