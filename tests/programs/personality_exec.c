/* With READ_IMPLIES_EXEC readable memory is executable. */
#include "check.h"

#include <sys/personality.h>
int main(void)
{
	CHECK(personality(READ_IMPLIES_EXEC) != -1);
	unsigned char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memcpy(p, "\xb8\x05\0\0\0\xc3", 6);
	CHECK(((int (*)(void))p)() == 5);
	return 0;
}
