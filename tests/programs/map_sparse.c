/* verify: 10 */
/* Huge sparse mappings cost what is in them, to record, sum and replay. */
#include "check.h"

#define PAGE 4096ul
#define GB (1ul << 30)
#define RW (PROT_READ | PROT_WRITE)

static void touch(char *p, size_t size)
{
	CHECK(p != MAP_FAILED);
	for (size_t at = 0; at < size; at += size / 7 & ~(PAGE - 1))
		p[at] = (char)(at >> 30) + 1;
	p[size - 1] = 1;
}

int main(void)
{
	static const size_t anon[] = {20 * GB, 1024 * GB, 16 * 1024 * GB};
	char name[] = "sparseXXXXXX";
	for (int i = 0; i < 3; i++) {
		char *p = mmap(NULL, anon[i], RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		touch(p, anon[i]);
		SHOW("%p", (void *)p);
		CHECK(!mprotect(p + anon[i] / 2, anon[i] / 2, PROT_READ));
	}
	touch(mmap(NULL, 20 * GB, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0), 20 * GB);
	int fd = mkstemp(name);
	CHECK(fd >= 0 && !ftruncate(fd, 20 * GB));
	char *p = mmap(NULL, 20 * GB, RW, MAP_SHARED, fd, 0);
	touch(p, 20 * GB);
	char c;
	CHECK(pread(fd, &c, 1, 20 * GB - 1) == 1 && c == 1);
	if (fork() == 0) {
		p[PAGE] = 9;
		return 3;
	}
	int status;
	CHECK(wait(&status) > 0 && WEXITSTATUS(status) == 3 && p[PAGE] == 9);
	unlink(name);
	puts("ok");
	return 0;
}
