/* MAP_FIXED over existing memory, the program's data included. */
#include "check.h"

static char data[3 * 4096] __attribute__((aligned(4096))) = {1};
int main(void)
{
	data[4096] = 5;
	CHECK(mmap(data + 4096, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == data + 4096);
	CHECK(data[4096] == 0 && data[0] == 1);
	CHECK(mmap(data, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED && errno == EEXIST);
	return 0;
}
