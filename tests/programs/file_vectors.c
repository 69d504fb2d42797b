/* readv, writev, preadv, pwritev, preadv2. */
#include "check.h"

int main(void)
{
	int fd = temp_file();
	char a[4] = "", b[8] = "", c[4] = "";
	struct iovec w[3] = {{"abc", 3}, {"", 0}, {"defghij", 7}}, r[3] = {{a, 2}, {b, 6}, {c, 4}};
	CHECK(writev(fd, w, 3) == 10 && lseek(fd, 0, SEEK_SET) == 0);
	CHECK(readv(fd, r, 3) == 10 && !memcmp(a, "ab", 2) && !memcmp(b, "cdefgh", 6) && !memcmp(c, "ij", 2));
	CHECK(pwritev(fd, w, 3, 100) == 10 && preadv(fd, r, 2, 100) == 8 && !memcmp(b, "cdefgh", 6));
	CHECK(preadv2(fd, r, 2, 0, 0) == 8);
	return 0;
}
