/* What Reprise maps into every tracee, at RUNTIME_BASE (runtime/layout.h).
 *
 * It is linked twice: as flat bytes that the recorder writes into a mapping it
 * makes at exec, and as a static ELF file that replay execs instead of the
 * recorded program ("the stub"), so that this code is in place by itself. */
#include "layout.h"

	.text
	.globl _start
_start:				/* the stub: stop, and wait to be told what to be */
	int3
	jmp	_start

/* Run the system calls listed in the data page: count, then per call nr, six
 * arguments, result. The tracer writes the list, points ip here, and reads the
 * results at the stop that ends it. */
	.org	RUNTIME_BATCH
remote_batch:
	mov	$RUNTIME_DATA, %ebx
	mov	(%rbx), %r12
	add	$16, %rbx
1:	test	%r12, %r12
	jz	2f
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
2:	mov	$RUNTIME_DONE_NR, %eax
	jmp	remote_done

/* Outside the range that the seccomp filter lets pass: at record this call stops
 * the task without a signal, whose forced delivery would reset the program's
 * SIGTRAP handler when it blocks SIGTRAP. Replay has no filter; int3 stops it. */
	.org	RUNTIME_TRACED
remote_done:
	syscall
	int3
	jmp	remote_done
