/* splice, tee and sendfile between files and pipes. */
#include "check.h"

int main(void)
{
	int a[2], b[2], f = temp_file(), g = temp_file();
	char buf[16];
	CHECK(!pipe(a) && !pipe(b) && write(f, "0123456789", 10) == 10);
	loff_t off = 2;
	CHECK(splice(f, &off, a[1], NULL, 6, 0) == 6 && off == 8);
	CHECK(tee(a[0], b[1], 6, 0) == 6);
	CHECK(read(b[0], buf, 16) == 6 && !memcmp(buf, "234567", 6));
	CHECK(splice(a[0], NULL, g, NULL, 6, 0) == 6);
	CHECK(pread(g, buf, 16, 0) == 6 && !memcmp(buf, "234567", 6));
	off_t o = 1;
	CHECK(sendfile(a[1], f, &o, 3) == 3 && o == 4 && read(a[0], buf, 16) == 3);
	loff_t from = 0, to = 20;
	CHECK(copy_file_range(f, &from, g, &to, 10, 0) == 10 && to == 30);
	return 0;
}
