/* A cpuid that the recorder has no answer for in advance. */
int main(void)
{
	unsigned a = 4, b, c = 77, d;
	__asm__ volatile("cpuid_at: cpuid\ncpuid_done: nop" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return 0;
}
