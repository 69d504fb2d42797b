/* Calls that change the address space, with arguments that the kernel refuses. */
#include "args.h"

#include <asm/prctl.h>

#define PAGE 4096L

/* As TRY, for results that are addresses. */
#define TRY_MAP(...)                                                                                     \
	({                                                                                               \
		errno = 0;                                                                               \
		void *r_ = mmap(__VA_ARGS__);                                                            \
		printf("mmap(%s): %s\n", #__VA_ARGS__, r_ == MAP_FAILED ? strerrorname_np(errno) : "ok"); \
		r_;                                                                                      \
	})

static void advise(const char *what, char *p)
{
	static const int advice[] = {0, 1, 2, 3, 4, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 99, -1};
	printf("--- %s\n", what);
	for (size_t i = 0; i < sizeof(advice) / sizeof(*advice); i++) {
		memset(p, 'x', 1);
		/* Pages that are freed may stay or go. */
		errno = 0;
		int r = madvise(p, PAGE, advice[i]);
		printf("madvise(%d): %d %s", advice[i], r, r ? strerrorname_np(errno) : "");
		printf(" %d\n", advice[i] == MADV_FREE && !r ? 0 : *p);
		madvise(p, PAGE, MADV_NORMAL);
		r = madvise(p + 1, PAGE, advice[i]);
		printf(" %d %s", r, r ? strerrorname_np(errno) : "");
		r = madvise(p, -PAGE, advice[i]);
		printf(" %d %s", r, r ? strerrorname_np(errno) : "");
		r = madvise(p, 0, advice[i]);
		printf(" %d %s\n", r, r ? strerrorname_np(errno) : "");
	}
}

int main(void)
{
	int fd = temp_file(), rd = open("/etc/passwd", O_RDONLY), dir = open("/", O_RDONLY), rw = MAP_PRIVATE | MAP_ANONYMOUS;
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	CHECK(fd >= 0 && rd >= 0 && dir >= 0 && !ftruncate(fd, 4 * PAGE));
	char *p = TRY_MAP(NULL, 8 * PAGE, 3, rw, -1L, 0);
	TRY_MAP(NULL, 0, 3, rw, -1L, 0);
	TRY_MAP(NULL, -1L, 3, rw, -1L, 0);
	TRY_MAP(NULL, 1L << 60, 3, rw, -1L, 0);
	TRY_MAP(NULL, PAGE, 3, rw, -1L, 1);
	TRY_MAP(NULL, PAGE, 3, MAP_ANONYMOUS, -1L, 0);
	TRY_MAP(NULL, PAGE, 3, MAP_ANONYMOUS | MAP_SHARED_VALIDATE, -1L, 0);
	TRY_MAP(p + 1, PAGE, 3, rw | MAP_FIXED, -1L, 0);
	TRY_MAP((void *)(-PAGE), PAGE, 3, rw | MAP_FIXED, -1L, 0);
	TRY_MAP(p, PAGE, 3, rw | MAP_FIXED_NOREPLACE, -1L, 0);
	TRY_MAP(NULL, PAGE, 3, MAP_PRIVATE, BAD_FD, 0);
	TRY_MAP(NULL, PAGE, 3, MAP_PRIVATE, fd, 1);
	TRY_MAP(NULL, 0, 3, MAP_PRIVATE, fd, 0);
	TRY_MAP(NULL, PAGE, 3, MAP_PRIVATE, dir, 0);
	TRY_MAP(NULL, PAGE, 3, MAP_SHARED, rd, 0);
	TRY_MAP(NULL, PAGE, 3, 0, fd, 0);
	TRY(munmap, p + 1, PAGE);
	TRY(munmap, p, 0);
	TRY(munmap, p, -1L);
	TRY(munmap, p, -PAGE);
	TRY(munmap, (void *)(-PAGE), PAGE);
	TRY(mprotect, p + 1, PAGE, 3);
	TRY(mprotect, p, 0, 3);
	TRY(mprotect, p, -PAGE, 3);
	TRY(mprotect, p, -1L, 3);
	TRY(mprotect, p, PAGE, 0x100);
	TRY(mprotect, p, PAGE, PROT_READ | PROT_GROWSDOWN | PROT_GROWSUP);
	TRY(mprotect, (void *)(1L << 46), PAGE, 3);
	TRY(msync, p + 1, PAGE, MS_SYNC);
	TRY(msync, p, PAGE, 99);
	TRY(mremap, p + 1, PAGE, 2 * PAGE, 0);
	TRY(mremap, p, PAGE, 0, 0);
	TRY(mremap, p, PAGE, PAGE, 0x80);
	TRY(mincore, p + 1, PAGE, p);
	TRY(mincore, p, PAGE, NULL);
	TRY(madvise, (void *)(1L << 46), PAGE, MADV_DONTNEED);
	TRY(madvise, (void *)(1L << 46), PAGE, MADV_FREE);
	printf("brk stays: %d\n", syscall(SYS_brk, 0) == syscall(SYS_brk, 1));
	TRY(arch_prctl, ARCH_SET_FS, -1L);
	TRY(arch_prctl, ARCH_GET_FS, BAD_PTR);
	TRY(arch_prctl, 0x9999, 0);
	advise("private anonymous", p);
	char *shared = mmap(NULL, PAGE, 3, MAP_SHARED | MAP_ANONYMOUS, -1, 0), *priv = mmap(NULL, PAGE, 3, MAP_PRIVATE, fd, 0);
	memset(priv, 'x', 1);
	CHECK(TRY(madvise, shared, PAGE, MADV_FREE) == -1 && errno == EINVAL);
	CHECK(TRY(madvise, priv, PAGE, MADV_FREE) == -1 && errno == EINVAL && *priv == 'x');
	advise("shared anonymous", TRY_MAP(NULL, 4 * PAGE, 3, MAP_SHARED | MAP_ANONYMOUS, -1L, 0));
	advise("a file, privately", TRY_MAP(NULL, 4 * PAGE, 3, MAP_PRIVATE, fd, 0));
	char *q = TRY_MAP(NULL, 4 * PAGE, 3, rw, -1L, 0);
	CHECK(!mlock(q, PAGE));
	advise("locked", q);
	return 0;
}
