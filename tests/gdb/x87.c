/* fnstenv, fnsave and fxsave store where the last x87 instruction was, on many CPUs only if no switch to another
 * task has come between. */
#include <stdio.h>
#include <string.h>

unsigned char area[512] __attribute__((aligned(16)));
static float number = 1.5f;

static void show(const char *what, unsigned len)
{
	printf("%s:", what);
	for (unsigned i = 0; i < len; i++)
		printf(" %02x", area[i]);
	puts("");
	memset(area, 0xee, sizeof(area));
}

int main(void)
{
	__asm__ volatile("fninit\nflds %1\nfnstenv_at: fnstenv %0\nfnstenv_done: nop" : "=m"(area) : "m"(number));
	show("fnstenv", 28);
	__asm__ volatile("flds %1\nfnsave_at: fnsave %0\nfnsave_done: nop" : "=m"(area) : "m"(number));
	show("fnsave", 108);
	__asm__ volatile("flds %1\nfxsave_at: fxsave64 %0\nfxsave_done: nop" : "=m"(area) : "m"(number));
	show("fxsave", 24);
	return 0;
}
