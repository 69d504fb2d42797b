/* An unknown ioctl that fails is harmless. */
#include "check.h"

int main(void)
{
	char b[256] = "";
	CHECK(ioctl(1, _IOR('Z', 99, char[64]), b) == -1);
	return 0;
}
