/* Preloaded into a program that runs natively: puts the instrumented images of its files
 * in place of their text, with hooks that do what the hardware would have done. What the
 * program prints must stay the same. */
#define _GNU_SOURCE
#include <elf.h>
#include <limits.h>
#include <link.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "layout.h"
#include "rewrite/image.h"
#include "rewrite/trap.h"

/* Not through libc, whose text is replaced meanwhile. */
static long call6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
	__asm__ volatile("syscall"
			 : "+a"(nr)
			 : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return nr;
}

static void give_up(const char *what)
{
	fprintf(stderr, "overlay: %s\n", what);
	_exit(120);
}

static void map_hooks(void)
{
	static const uint8_t code[] = {
		0xff, 0xe1,	  /* hook: jmp *%rcx, the traced `syscall` of the stub */
		0x0f, 0xa2, 0xc3, /* cpuid; ret */
		0x0f, 0x31, 0xc3, /* rdtsc; ret */
		0xc3,		  /* xsave, xsavec: nothing to complete */
	};
	uint8_t *p = mmap((void *)RUNTIME_BASE, 0x1000, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	void *d = mmap((void *)RUNTIME_DATA, RUNTIME_DATA_SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (p == MAP_FAILED || d == MAP_FAILED)
		give_up("cannot map the hooks");
	memcpy(p + 0x100, code, sizeof(code));
	*(uint64_t *)RUNTIME_HOOK_PTR = RUNTIME_BASE + 0x100;
	*(uint64_t *)RUNTIME_CPUID_PTR = RUNTIME_BASE + 0x102;
	*(uint64_t *)RUNTIME_TSC_PTR = RUNTIME_BASE + 0x105;
	*(uint64_t *)RUNTIME_XSAVE_PTR = *(uint64_t *)RUNTIME_XSAVEC_PTR = RUNTIME_BASE + 0x108;
	*(uint64_t *)RUNTIME_TICKS = 1ull << 62;
}

static uint64_t first_text(const struct dl_phdr_info *info)
{
	for (int i = 0; i < info->dlpi_phnum; i++) {
		if (info->dlpi_phdr[i].p_type == PT_LOAD && info->dlpi_phdr[i].p_flags & PF_X)
			return info->dlpi_addr + (info->dlpi_phdr[i].p_vaddr & ~4095ull);
	}
	return 0;
}

static int one(struct dl_phdr_info *info, size_t size, void *count)
{
	char path[PATH_MAX], real[PATH_MAX];
	struct image_header h;
	(void)size;
	if (!realpath(info->dlpi_name[0] ? info->dlpi_name : "/proc/self/exe", real) || strstr(real, "overlay.so"))
		return 0;
	snprintf(path, sizeof(path), "%s/", getenv("OVERLAY_IMAGES"));
	size_t n = strlen(path);
	for (const char *p = real; *p && n + 1 < sizeof(path); p++)
		path[n++] = *p == '/' ? '_' : *p;
	path[n] = 0;
	FILE *f = fopen(path, "r");
	if (!f)
		return 0; /* nothing to change in it */
	if (fread(&h, sizeof(h), 1, f) != 1 || memcmp(h.magic, IMAGE_MAGIC, sizeof(IMAGE_MAGIC)))
		give_up("not an image");
	uint64_t text = first_text(info), area = text + (uint64_t)h.distance;
	int fd = fileno(f);
	if (h.area_len && call6(SYS_mmap, (long)area, (long)h.area_len, PROT_READ | PROT_EXEC,
				MAP_PRIVATE | MAP_FIXED_NOREPLACE, fd, (long)h.area_off) != (long)area)
		give_up("cannot map an area");
	for (unsigned i = 0; i < h.nsegs; i++)
		call6(SYS_mmap, (long)(text + h.seg[i].base), (long)h.seg[i].len, PROT_READ | PROT_EXEC,
		      MAP_PRIVATE | MAP_FIXED, fd, (long)h.seg[i].text_off);
	fclose(f);
	++*(int *)count;
	return 0;
}

/* --- with OVERLAY_TRAPS: safepoints trap every few passes, which must change nothing --- */

static uint64_t limit = 1ull << 62, passed, traps, seed = 88172645463325252ull;

static void next_limit(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	limit = (1 + seed % 7) * RUNTIME_TICK;
	*(volatile uint64_t *)RUNTIME_TICKS = limit;
}

static void on_trap(int sig, siginfo_t *si, void *ctx)
{
	greg_t *r = ((ucontext_t *)ctx)->uc_mcontext.gregs;
	(void)sig;
	(void)si;
	r[REG_EFL] = (greg_t)safe_flags((uint8_t *)r[REG_RIP] - 1 - SAFE_BEFORE, (uint64_t)r[REG_EFL]);
	passed += limit;
	traps++;
	next_limit();
}

/* On a stack of its own: programs may read what lies below theirs. */
static void set_traps(void)
{
	static char stack[65536];
	stack_t own = {.ss_sp = stack, .ss_size = sizeof(stack)};
	struct sigaction sa = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	if (sigaltstack(&own, NULL) || sigaction(SIGTRAP, &sa, NULL))
		give_up("cannot set the handler of traps");
	next_limit();
}

/* For tests that want to know whether safepoints were passed. */
__attribute__((destructor)) static void tell(void)
{
	passed += limit - *(volatile uint64_t *)RUNTIME_TICKS;
	if (getenv("OVERLAY_TICKS"))
		fprintf(stderr, "passed %llu, trapped %llu\n", (unsigned long long)(passed / RUNTIME_TICK),
			(unsigned long long)traps);
}

__attribute__((constructor)) static void overlay(void)
{
	int n = 0;
	map_hooks();
	dl_iterate_phdr(one, &n);
	if (!n)
		give_up("no image was there to map");
	if (getenv("OVERLAY_TRAPS"))
		set_traps();
	unsetenv("LD_PRELOAD");
}
