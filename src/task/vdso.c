#include "task/vdso.h"

#include <elf.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/mem.h"
#include "layout.h"

/* Functions of vdso(7), x86-64; -1: answers ENOSYS, and callers fall back. */
static const struct {
	const char *name;
	int nr;
} functions[] = {
	{"__vdso_clock_gettime", SYS_clock_gettime},
	{"__vdso_gettimeofday", SYS_gettimeofday},
	{"__vdso_time", SYS_time},
	{"__vdso_getcpu", SYS_getcpu},
	{"__vdso_clock_getres", SYS_clock_getres},
	{"__vdso_getrandom", -1},
};

uint64_t vdso_find_syscall(const uint8_t *image, size_t size)
{
	for (size_t i = 0; i + 1 < size; i++) {
		if (image[i] == 0x0f && image[i + 1] == 0x05)
			return i;
	}
	return 0;
}

/* Find a dynamic table by its tag; vdso addresses are offsets. */
static uint64_t dynamic(const uint8_t *im, size_t size, int64_t tag)
{
	const Elf64_Ehdr *eh = (const void *)im;
	for (unsigned i = 0; i < eh->e_phnum; i++) {
		const Elf64_Phdr *ph = (const void *)(im + eh->e_phoff + i * sizeof(*ph));
		if (eh->e_phoff + (i + 1) * sizeof(*ph) > size)
			break;
		if (ph->p_type != PT_DYNAMIC)
			continue;
		for (uint64_t o = ph->p_offset; o + 16 <= size; o += 16) {
			const Elf64_Dyn *d = (const void *)(im + o);
			if (d->d_tag == DT_NULL)
				break;
			if (d->d_tag == tag)
				return d->d_un.d_ptr;
		}
	}
	return 0;
}

/* A stub as in instrumented images: the hook, its bail path, and the return. */
static size_t stub(uint8_t code[32], int nr)
{
	static const uint8_t text[] = {
		0xb8, 0,    0,	  0,	0,		  /* mov $nr, %eax */
		0x48, 0x8d, 0x0d, 7,	0,    0,    0,	  /* lea bail(%rip), %rcx */
		0xff, 0x24, 0x25, 0,	0,    0,    0,	  /* jmp *HOOK_PTR */
		0x0f, 0x05,				  /* bail: syscall */
		0x48, 0x8d, 0x0d, 0xf9, 0xff, 0xff, 0xff, /* lea 0b(%rip), %rcx */
		0xc3,					  /* ret */
	};
	const uint32_t hook = RUNTIME_HOOK_PTR;
	memcpy(code, text, sizeof(text));
	memcpy(code + 1, &nr, 4);
	memcpy(code + 15, &hook, 4);
	return sizeof(text);
}

static size_t no_call(uint8_t code[32])
{
	static const uint8_t text[] = {0xb8, 0xda, 0xff, 0xff,
				       0xff, 0x48, 0x98, 0xc3}; /* -ENOSYS as a long */
	memcpy(code, text, sizeof(text));
	return sizeof(text);
}

/* Where there is no room for a stub: mov $nr, %eax; syscall; ret */
static size_t plain(uint8_t code[32], int nr)
{
	static const uint8_t text[] = {0xb8, 0, 0, 0, 0, 0x0f, 0x05, 0xc3};
	memcpy(code, text, sizeof(text));
	memcpy(code + 1, &nr, 4);
	return sizeof(text);
}

static void replace(uint8_t *im, size_t size, uint64_t at, uint64_t room, int nr)
{
	uint8_t code[32];
	size_t n = nr < 0 ? no_call(code) : stub(code, nr);
	if (n > room)
		n = plain(code, nr);
	if (n <= room && at < size && n <= size - at)
		memcpy(im + at, code, n);
}

void vdso_patch(uint8_t *im, size_t size)
{
	if (size < sizeof(Elf64_Ehdr) || memcmp(im, ELFMAG, SELFMAG))
		return;
	uint64_t sym = dynamic(im, size, DT_SYMTAB), str = dynamic(im, size, DT_STRTAB);
	uint64_t strsz = dynamic(im, size, DT_STRSZ);
	if (!sym || !str || str > size || strsz > size - str)
		return;
	/* The string table follows the symbols in every vdso that ld makes. */
	for (uint64_t o = sym; o + sizeof(Elf64_Sym) <= (str > sym ? str : size); o += sizeof(Elf64_Sym)) {
		const Elf64_Sym *s = (const void *)(im + o);
		if (s->st_name >= strsz || ELF64_ST_TYPE(s->st_info) != STT_FUNC)
			continue;
		const char *name = (const char *)im + str + s->st_name;
		size_t max = strsz - s->st_name;
		for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
			size_t n = strlen(functions[i].name) + 1;
			if (n <= max && !memcmp(name, functions[i].name, n))
				replace(im, size, s->st_value, s->st_size, functions[i].nr);
		}
	}
}
