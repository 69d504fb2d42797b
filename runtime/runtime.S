/* What Reprise maps into every tracee, at RUNTIME_BASE (runtime/layout.h): the parts
 * that must be at known places, or touch registers that C does not.
 *
 * It is linked twice: as flat bytes that the recorder keeps in a memfd which every
 * program maps at exec, and as a static ELF file that replay execs instead of the
 * recorded program ("the stub"), so that this code is in place by itself. */
#include "layout.h"

/* Offsets in struct state, and size of struct hook_frame without bail and flags. */
#define STATE_RSP 32
#define STATE_RET 40
#define STATE_RESULT 48
#define STATE_CPUIDS 88
#define FRAME_REST 48	/* rbx to r15 */

	.section .text.first, "ax"
	.globl _start
_start:				/* the stub: stop, and wait to be told what to be */
	int3
	jmp	_start

	.org	0x08
	.quad	hook
	.org	0x10
	.quad	cpuid_hook
	.quad	tsc_hook
	.quad	xsavec_hook
	.quad	xsave_hook

/* Run the system calls listed in the data page: count, then per call nr, six
 * arguments, result. The tracer writes the list, points ip here, and reads the
 * results at the stop that ends it. An argument may be the result of an earlier one. */
	.org	RUNTIME_BATCH
remote_batch:
	mov	$RUNTIME_DATA, %ebx
	mov	(%rbx), %r12
	add	$16, %rbx
	mov	$(RUNTIME_RESULT >> 48), %r13d
1:	test	%r12, %r12
	jz	3f
	lea	8(%rbx), %rbp
	mov	$6, %r14d
2:	mov	(%rbp), %rax	/* an argument that stands for a result? */
	mov	%rax, %rcx
	shr	$48, %rcx
	cmp	%r13, %rcx
	jne	4f
	movzwl	%ax, %eax
	shl	$6, %rax
	mov	RUNTIME_DATA + 16 + 56(%rax), %rax
	mov	%rax, (%rbp)
4:	add	$8, %rbp
	dec	%r14d
	jnz	2b
	mov	(%rbx), %rax
	mov	8(%rbx), %rdi
	mov	16(%rbx), %rsi
	mov	24(%rbx), %rdx
	mov	32(%rbx), %r10
	mov	40(%rbx), %r8
	mov	48(%rbx), %r9
	syscall
	mov	%rax, 56(%rbx)
	add	$64, %rbx
	dec	%r12
	jmp	1b
3:	mov	$RUNTIME_DONE_NR, %eax
	jmp	remote_done

/* For a task that has no data pages yet: map the file named at rdi there (0: the file that is
 * open as r13), with the flags in ebp, close r12, and stop; r14 says how it went. Only registers
 * are used. */
	.org	RUNTIME_BOOT
remote_boot:
	test	%rdi, %rdi
	jz	3f
	mov	%rdi, %rsi
	mov	$-100, %rdi		/* AT_FDCWD */
	mov	$02000002, %edx		/* O_RDWR | O_CLOEXEC */
	xor	%r10d, %r10d
	mov	$257, %eax		/* openat */
	syscall
	mov	%rax, %r13
	mov	%rax, %r14
	test	%rax, %rax
	js	1f
3:	mov	$RUNTIME_DATA, %edi
	mov	$RUNTIME_DATA_SIZE, %esi
	mov	$3, %edx		/* PROT_READ | PROT_WRITE */
	mov	%rbp, %r10
	mov	%r13, %r8
	xor	%r9d, %r9d
	mov	$9, %eax		/* mmap */
	syscall
	mov	%rax, %r14
	cmp	$RUNTIME_DATA, %rax
	jne	2f
	mov	RUNTIME_STATE, %eax	/* a read fault maps its neighbours too, a write would not */
2:	mov	%r13, %rdi
	mov	$3, %eax		/* close */
	syscall
1:	mov	%r12, %rdi
	mov	$3, %eax
	syscall
	mov	$RUNTIME_DONE_NR, %eax
	jmp	remote_done

/* Stubs jump here with the address of their traced `syscall` in rcx, which like r11 is
 * the kernel's to overwrite. Everything else is the program's; its stack, with the red
 * zone, is not touched. */
	.globl hook
hook:
	mov	%rsp, RUNTIME_STATE + STATE_RSP
	mov	$RUNTIME_STACK_TOP, %esp
	pushfq
	cld
	push	%rcx
	push	%r15
	push	%r14
	push	%r13
	push	%r12
	push	%rbp
	push	%rbx
	push	%r9
	push	%r8
	push	%r10
	push	%rdx
	push	%rsi
	push	%rdi
	push	%rax
	mov	%rsp, %rdi
	sub	$8, %rsp	/* the C function wants it aligned: 15 words, 1, its return */
	call	hook_call
	add	$8, %rsp
	mov	%eax, %r11d
	pop	%rax
	pop	%rdi
	pop	%rsi
	pop	%rdx
	pop	%r10
	pop	%r8
	pop	%r9
	add	$FRAME_REST, %rsp
	pop	%rcx
	test	%r11d, %r11d
	jnz	1f
	mov	(%rsp), %r11	/* bail: the kernel will take the call from here */
	popfq
	mov	RUNTIME_STATE + STATE_RSP, %rsp
	jmp	*%rcx
1:	add	$2, %rcx	/* past the traced `syscall` */
	cmp	$1, %r11d
	mov	(%rsp), %r11	/* as the kernel leaves it */
	jne	2f
	popfq
	mov	RUNTIME_STATE + STATE_RSP, %rsp
	jmp	*%rcx
2:	mov	%rcx, RUNTIME_STATE + STATE_RET
	mov	%rax, RUNTIME_STATE + STATE_RESULT
	mov	$RUNTIME_STATION_NR, %eax
	popfq
	mov	RUNTIME_STATE + STATE_RSP, %rsp
	jmp	station

/* Stubs call here instead of cpuid, on the runtime's stack, the program's rsp saved. */
	.globl cpuid_hook
cpuid_hook:
	pushfq
	push	%rdi
	push	%rsi
	mov	$RUNTIME_CPUID_TABLE, %edi
	mov	RUNTIME_STATE + STATE_CPUIDS, %rsi
1:	test	%rsi, %rsi
	jz	3f
	cmp	%eax, (%rdi)
	jne	2f
	cmp	%ecx, 4(%rdi)
	je	4f
	cmpl	$-1, 4(%rdi)	/* whatever the subleaf */
	je	4f
2:	add	$24, %rdi
	dec	%rsi
	jmp	1b
3:	pop	%rsi
	pop	%rdi
	popfq
	jmp	cpuid_trap
4:	mov	8(%rdi), %eax
	mov	12(%rdi), %ebx
	mov	16(%rdi), %ecx
	mov	20(%rdi), %edx
	pop	%rsi
	pop	%rdi
	popfq
	ret

/* What C functions may change, but for flags and rcx, which come before. */
	.macro push_scratch
	push	%rsi
	push	%rdi
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	push	%rax
	push	%rdx
	.endm
	.macro pop_scratch	/* rdx and rax are taken off already: they may be results */
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rdi
	pop	%rsi
	.endm

/* Stubs call here instead of rdtsc and rdtscp, likewise. (Nobody takes the way to the instruction
 * itself, TSC_SKIP bytes behind the return address: it does not trap in every machine.) */
	.globl tsc_hook
tsc_hook:
	pushfq
	cld
	push	%rcx
	push_scratch
	sub	$8, %rsp	/* aligned: 12 words */
	call	tsc_call	/* value in rax, ok in rdx */
	add	$8, %rsp
	test	%rdx, %rdx
	pop	%rdx
	jz	1f
	mov	%rax, %rdx
	shr	$32, %rdx
	mov	%eax, %eax
	add	$8, %rsp
	jmp	2f
1:	pop	%rax
	pop_scratch
	jmp	tsc_trap
2:	pop_scratch
	pop	%rcx
	popfq
	ret

/* Stubs call here behind xsavec and xsave, likewise, with the area's address in rdi. */
	.globl xsavec_hook
xsavec_hook:
	pushfq
	push	%rcx
	mov	$1, %ecx
	jmp	1f
	.globl xsave_hook
xsave_hook:
	pushfq
	push	%rcx
	xor	%ecx, %ecx
1:	cld
	push_scratch
	shl	$32, %rdx
	mov	%eax, %esi
	or	%rdx, %rsi	/* the components asked for */
	mov	%ecx, %edx
	sub	$8, %rsp	/* aligned: 12 words */
	call	xsave_complete
	add	$8, %rsp
	pop	%rdx
	pop	%rax
	pop_scratch
	pop	%rcx
	popfq
	ret
