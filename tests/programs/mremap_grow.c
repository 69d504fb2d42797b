/* mremap: grow, move, shrink. */
#include "check.h"

int main(void)
{
	char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	p[10] = 'a';
	char *q = mremap(p, 4096, 64 * 4096, MREMAP_MAYMOVE);
	CHECK(q != MAP_FAILED && q[10] == 'a' && q[63 * 4096] == 0);
	q[63 * 4096] = 'z';
	char *at = mmap(NULL, 128 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *r = mremap(q, 64 * 4096, 64 * 4096, MREMAP_MAYMOVE | MREMAP_FIXED, at);
	CHECK(r == at && r[10] == 'a' && r[63 * 4096] == 'z');
	CHECK(mremap(r, 64 * 4096, 4096, 0) == r && r[10] == 'a');
	return 0;
}
