/* natively: not run, a kernel may know rseq */
/* rseq answers as on an older kernel. */
#include "check.h"

int main(void)
{
	static char area[64] __attribute__((aligned(32)));
	CHECK(syscall(SYS_rseq, area, 32, 0, 0x53053053) == -1);
	CHECK(errno == ENOSYS);
	return 0;
}
