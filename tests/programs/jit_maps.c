/* The list of mappings shows code made at run time with the protection that the program gave it, as one mapping,
 * whatever of it was executed. */
#include "check.h"

#define PAGE 4096ul

/* The protection of the mapping that is just [p, p + n), or "". */
static const char *listed(const uint8_t *p, unsigned long n)
{
	static char prot[5];
	char line[512];
	unsigned long start, end;
	FILE *f = fopen("/proc/self/maps", "r");
	CHECK(f);
	while (fgets(line, sizeof(line), f)) {
		CHECK(sscanf(line, "%lx-%lx %4s", &start, &end, prot) == 3);
		if (start == (unsigned long)p && end == start + n)
			break;
		prot[0] = 0;
	}
	fclose(f);
	return prot;
}

int main(void)
{
	/* Its neighbours cannot be merged with it. */
	uint8_t *p = mmap(NULL, 10 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	p += PAGE;
	CHECK(!mprotect(p, 8 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC));
	p[0] = p[3 * PAGE] = 0xc3;
	((void (*)(void))p)();
	((void (*)(void))(p + 3 * PAGE))();
	p[0] = 0xc3;
	CHECK(!strcmp(listed(p, 8 * PAGE), "rwxp"));
	CHECK(!mprotect(p, 8 * PAGE, PROT_READ | PROT_EXEC));
	((void (*)(void))p)();
	CHECK(!strcmp(listed(p, 8 * PAGE), "r-xp"));
	CHECK(!mprotect(p, 4 * PAGE, PROT_READ | PROT_WRITE));
	CHECK(!strcmp(listed(p, 4 * PAGE), "rw-p"));
	CHECK(!strcmp(listed(p + 4 * PAGE, 4 * PAGE), "r-xp"));
	return 0;
}
