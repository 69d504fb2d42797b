/* getrandom, /dev/urandom, AT_RANDOM. */
#include "check.h"

#include <sys/auxv.h>
int main(void)
{
	unsigned char a[16], b[16], *c = (void *)getauxval(AT_RANDOM);
	CHECK(getrandom(a, 16, 0) == 16);
	int fd = open("/dev/urandom", O_RDONLY);
	CHECK(read(fd, b, 16) == 16);
	for (int i = 0; i < 16; i++)
		SHOW("%02x%02x%02x", a[i], b[i], c[i]);
	return 0;
}
