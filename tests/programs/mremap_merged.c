/* Mappings made one after the other, which the kernel makes one of, are moved, grown, locked and advised as one. */
#include "check.h"

#define PAGE 4096
#define RW (PROT_READ | PROT_WRITE)

static char *room;

static void as_one(int flags, int fd)
{
	char *a = mmap(room, 2 * PAGE, RW, flags | MAP_FIXED, fd, 0);
	char *b = mmap(room + 2 * PAGE, 2 * PAGE, RW, flags | MAP_FIXED, fd, 2 * PAGE);
	CHECK(a == room && b == room + 2 * PAGE);
	a[5] = b[5] = 'X';
	char *m = mremap(a, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room + 32 * PAGE);
	CHECK(m == room + 32 * PAGE && m[5] == 'X' && m[2 * PAGE + 5] == 'X');
	CHECK(mremap(m, 4 * PAGE, 6 * PAGE, 0) == m);
	SHOW("%d %d %d", m[2 * PAGE], m[4 * PAGE], m[5 * PAGE]);
	CHECK(mlock(m, 6 * PAGE) == 0 && madvise(m, 6 * PAGE, MADV_DONTNEED) == -1 && munlock(m, 6 * PAGE) == 0);
	m = mremap(m, 6 * PAGE, 8 * PAGE, MREMAP_MAYMOVE);
	CHECK(m != MAP_FAILED);
	m[7 * PAGE + 1] = 'Y';
	SHOW("%d %d %d", m[2 * PAGE], m[6 * PAGE], m[7 * PAGE]);
	CHECK(madvise(m, 8 * PAGE, MADV_DONTNEED) == 0);
	SHOW("%d %d", m[5], m[7 * PAGE + 1]);
	m = mremap(m, 8 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room);
	CHECK(m == room);
	SHOW("%d %d", m[5], m[2 * PAGE]);
	CHECK(munmap(m, 3 * PAGE) == 0);
}

int main(void)
{
	int fd = temp_file();
	for (int i = 0; i < 8; i++) {
		char page[PAGE];
		memset(page, 'a' + i, PAGE);
		CHECK(write(fd, page, PAGE) == PAGE);
	}
	room = mmap(NULL, 64 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(room != MAP_FAILED && munmap(room, 64 * PAGE) == 0);
	as_one(MAP_PRIVATE, fd);
	as_one(MAP_SHARED, fd);
	as_one(MAP_PRIVATE | MAP_ANONYMOUS, -1);
	return 0;
}
