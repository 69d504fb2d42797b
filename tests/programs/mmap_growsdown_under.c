/* A mapping that grows down, another in the middle of what it has grown to: what is below goes on growing, also
 * for the kernel's writes. mprotect with PROT_GROWSDOWN reaches its start. */
#include "check.h"

#define PAGE 4096
#define RW (PROT_READ | PROT_WRITE)

int main(void)
{
	char *room = mmap(NULL, 4 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open("/proc/version", O_RDONLY);
	CHECK(fd >= 0 && munmap(room, 4 << 20) == 0);
	char *top = mmap(room + (3 << 20), 2 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
	top[-20 * PAGE] = 1;
	char *middle = mmap(top - 10 * PAGE, 4 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	CHECK(middle == top - 10 * PAGE);
	middle[0] = 2;
	CHECK(read(fd, top - 40 * PAGE, 5) == 5);
	SHOW("%.5s %d", top - 40 * PAGE, top[-20 * PAGE]);
	top[-80 * PAGE] = (char)0xc3; /* ret */
	CHECK(mprotect(top - 30 * PAGE, PAGE, RW | PROT_EXEC | PROT_GROWSDOWN) == 0);
	((void (*)(void))(uintptr_t)(top - 80 * PAGE))();
	CHECK(mremap(top - 20 * PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room) == room && room[0] == 1);
	return 0;
}
