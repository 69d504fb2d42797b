/* Loops in code that a program made itself: nothing in them counts, yet other threads get their
 * turns, and how far each loop came is the same at replay. */
#include "check.h"

/* rdi: a flag to wait for; rsi: memory for a counter; the result is how far they came. */
__asm__(".pushsection .rodata\n"
	"loops:\n"
	".macro begin name\n.balign 16\n\\name:\n.endm\n"
	"begin in_register\n xor %eax, %eax\n1: inc %rax\n cmpl $0, (%rdi)\n je 1b\n ret\n"
	"begin in_memory\n1: incq (%rsi)\n cmpl $0, (%rdi)\n je 1b\n mov (%rsi), %rax\n ret\n"
	"begin on_stack\n push $0\n1: incq (%rsp)\n cmpl $0, (%rdi)\n je 1b\n pop %rax\n ret\n"
	"begin in_xmm\n mov $1, %eax\n cvtsi2sd %eax, %xmm1\n pxor %xmm0, %xmm0\n"
	"1: addsd %xmm1, %xmm0\n cmpl $0, (%rdi)\n je 1b\n cvttsd2si %xmm0, %rax\n ret\n"
	"begin beside_code\n1: incq 2f(%rip)\n cmpl $0, (%rdi)\n je 1b\n mov 2f(%rip), %rax\n ret\n2: .quad 0\n"
	"begin with_calls\n xor %eax, %eax\n lea 3f(%rip), %rdx\n1: call 3f\n call *%rdx\n cmpl $0, (%rdi)\n je 1b\n ret\n"
	"3: inc %rax\n test $7, %al\n jne 4f\n inc %r8\n4: ret\n"
	"begin nested\n xor %eax, %eax\n2: mov $1000, %ecx\n1: inc %rax\n dec %ecx\n jne 1b\n cmpl $0, (%rdi)\n je 2b\n ret\n"
	"begin jumps_about\n xor %eax, %eax\n1: inc %rax\n jmp 3f\n2: cmpl $0, (%rdi)\n jne 4f\n jmp 1b\n3: test $1, %al\n je 2b\n jmp 2b\n4: ret\n"
	"begin through_pointers\n1: mov (%rsi), %rdx\n mov 8(%rdx), %rdx\n incq 512(%rdx)\n xor %edx, %edx\n cmpl $0, (%rdi)\n je 1b\n"
	" mov (%rsi), %rdx\n mov 8(%rdx), %rdx\n mov 512(%rdx), %rax\n ret\n"
	"begin entered_inside\n xor %eax, %eax\n jmp 3f\n1: inc %rax\n nop\n3: cmpl $0, (%rdi)\n je 1b\n ret\n"
	"begin nothing_changes\n1: pause\n cmpl $0, (%rdi)\n je 1b\n xor %eax, %eax\n ret\n"
	"loops_end:\n"
	".popsection\n");
extern const char loops[], loops_end[];
#define LOOPS(X) X(in_register) X(in_memory) X(on_stack) X(in_xmm) X(beside_code) X(with_calls) X(nested) X(jumps_about) X(entered_inside) \
	X(through_pointers) X(nothing_changes)
#define DECLARE(n) extern const char n[];
LOOPS(DECLARE)
#define ENTRY(n) {n, #n},
static const struct {
	const char *code, *name;
} all[] = {LOOPS(ENTRY)};

static char *code;
static volatile int flag;

static void *run(void *at)
{
	static long far[512], box[2] = {0, (long)far}, *pointer[64];
	long (*f)(volatile int *, void *) = (long (*)(volatile int *, void *))(code + (all[*(int *)at].code - loops));
	memset(pointer, 0, sizeof(pointer));
	memset(far, 0, sizeof(far));
	pointer[0] = (long *)0;
	if (!strcmp(all[*(int *)at].name, "through_pointers"))
		pointer[0] = box;
	umask(022); /* a buffered call between the last safepoint and the loop */
	return (void *)f(&flag, pointer);
}

int main(int argc, char **argv)
{
	code = mmap(NULL, 65536, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memcpy(code, loops, (size_t)(loops_end - loops));
	for (int i = 0; i < (int)(sizeof(all) / sizeof(all[0])); i++) {
		pthread_t t;
		void *n;
		if (argc > 1 && strcmp(argv[1], all[i].name))
			continue;
		flag = 0;
		CHECK(!pthread_create(&t, NULL, run, &i));
		pause_ms(30);
		flag = 1;
		pthread_join(t, &n);
		SHOW("%s: %ld", all[i].name, (long)n);
	}
	return 0;
}
