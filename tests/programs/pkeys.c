/* Protection keys are absent or work. */
#include "check.h"

int main(void)
{
	int k = (int)syscall(SYS_pkey_alloc, 0, 0);
	CHECK(k == -1 && (errno == ENOSPC || errno == ENOSYS || errno == EINVAL));
	char *p = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(!syscall(SYS_pkey_mprotect, p, 4096, PROT_READ | PROT_WRITE, -1));
	p[0] = 1;
	return 0;
}
