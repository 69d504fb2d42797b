/* Output through a duplicated descriptor, and not through one that was replaced. */
#include "check.h"

int main(void)
{
	int keep = dup(1), null = open("/dev/null", O_WRONLY);
	CHECK(keep > 2 && dprintf(keep, "kept\n") == 5);
	CHECK(dup2(null, 1) == 1 && write(1, "lost\n", 5) == 5);
	CHECK(dup2(keep, 1) == 1 && write(1, "back\n", 5) == 5);
	return 0;
}
