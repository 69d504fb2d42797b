/* build: -O2 -fno-asynchronous-unwind-tables -fno-unwind-tables -s */
/* natively: not run, bits of cpuid are hidden from recorded programs */
/* rdtsc and cpuid in functions of which the file says nothing, on a page that is executed very often before
 * they are: their callers show that they are code. */
#include "check.h"

#include <cpuid.h>

/* The only function that is described; its system call gives the program an image. */
long described(void);
/* All on one page. `often` does not lead to the others. */
unsigned often(unsigned), ticks(void), features(void), part_of_it(void), behind_a_call(void);
__asm__(".text\n"
	"described: .cfi_startproc\n"
	"mov $39, %eax\n" /* getpid */
	"syscall\n"
	"ret\n"
	".cfi_endproc\n"
	".balign 4096\n"
	"often: lea 1(%rdi), %eax\n"
	"ret\n"
	".fill 128, 1, 0xcc\n"
	"ticks: rdtsc\n"
	"ret\n"
	".fill 128, 1, 0xcc\n"
	"features: push %rbx\n"
	"mov $1, %eax\n"
	"cpuid\n"
	"mov %ecx, %eax\n"
	"pop %rbx\n"
	"ret\n"
	".fill 128, 1, 0xcc\n"
	"part_of_it: mov $0x310fa20f, %eax\n" /* cpuid and rdtsc, within a number */
	"ret\n"
	".fill 128, 1, 0xcc\n"
	"behind_a_call: push %rdi\n"
	"call often\n"
	"rdtsc\n"
	"pop %rdi\n"
	"ret\n"
	".balign 4096\n");

int main(void)
{
	unsigned sum = 0;
	for (unsigned i = 0; i < 3000; i++)
		sum = often(sum);
	CHECK(sum == 3000 && described() == getpid());
	SHOW("%u", ticks());
	SHOW("%u", behind_a_call());
	CHECK(!(features() & bit_RDRND));
	CHECK(part_of_it() == 0x310fa20f);
	return 0;
}
