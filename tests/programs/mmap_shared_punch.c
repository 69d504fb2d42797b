/* fallocate and ftruncate change what a shared mapping of the file shows. */
#include "check.h"

static volatile char *m;

static void fill(void)
{
	memset((char *)m, 'x', 16384);
}

int main(void)
{
	int fd = temp_file();
	CHECK(!ftruncate(fd, 16384));
	m = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(m != MAP_FAILED);
	fill();
	CHECK(!fallocate(fd, 0, 8192, 16384) && m[8192] == 'x' && m[16383] == 'x');
	CHECK(!ftruncate(fd, 16384));
	CHECK(!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 4096));
	CHECK(m[4095] == 'x' && !m[4096] && !m[8191] && m[8192] == 'x');
	fill();
	if (!fallocate(fd, FALLOC_FL_ZERO_RANGE, 5000, 100))
		CHECK(m[4999] == 'x' && !m[5000] && !m[5099] && m[5100] == 'x');
	fill();
	CHECK(!ftruncate(fd, 5000) && !ftruncate(fd, 16384));
	CHECK(m[4999] == 'x' && !m[5000] && !m[16383]);
	fill();
	if (!fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 4096, 4096)) {
		m[12287] = 'y';
		CHECK(!ftruncate(fd, 16384) && m[12287] == 'y' && !m[12288]);
	}
	return 0;
}
