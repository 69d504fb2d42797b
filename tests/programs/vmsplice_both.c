/* vmsplice into and out of a pipe. */
#include "check.h"

int main(void)
{
	int p[2];
	char out[8] = "spliced", in[8] = "";
	struct iovec a = {out, 8}, b = {in, 8};
	CHECK(!pipe(p) && vmsplice(p[1], &a, 1, 0) == 8 && vmsplice(p[0], &b, 1, 0) == 8);
	CHECK(!strcmp(in, "spliced"));
	return 0;
}
