/* Code made at run time, changed and run again. */
#include "check.h"

int main(void)
{
	unsigned char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char code[] = {0xb8, 0, 0, 0, 0, 0xc3};
	int sum = 0;
	for (int i = 0; i < 100; i++) {
		memcpy(code + 1, &i, 4);
		memcpy(p, code, sizeof(code));
		sum += ((int (*)(void))p)();
	}
	CHECK(sum == 4950);
	unsigned char call[] = {0xb8, 39, 0, 0, 0, 0x0f, 0x05, 0xc3}; /* getpid */
	memcpy(p, call, sizeof(call));
	CHECK(((int (*)(void))p)() == getpid());
	return 0;
}
