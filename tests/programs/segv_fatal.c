/* A fault that kills. */
#include "check.h"

int main(void)
{
	SHOW("before");
	*(volatile int *)8 = 1; /* status: 139 */
	return 0;
}
