#include "rewrite/insns.h"

#include <Zydis/Zydis.h>
#include <elf.h>
#include <gelf.h>
#include <libelf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

struct func {
	uint64_t start, end; /* virtual addresses */
};

struct image {
	const uint8_t *data;
	size_t size;
	GElf_Phdr text; /* the executable segment being searched */
	VEC(struct func) funcs;
};

static int by_start(const void *a, const void *b)
{
	const struct func *x = a, *y = b;
	return x->start < y->start ? -1 : x->start > y->start;
}

static bool at(const struct image *im, uint64_t off, void *out, size_t n)
{
	if (off > im->size || n > im->size - off)
		return false;
	memcpy(out, im->data + off, n);
	return true;
}

static uint64_t to_offset(Elf *elf, size_t phnum, uint64_t vaddr)
{
	for (size_t i = 0; i < phnum; i++) {
		GElf_Phdr ph;
		if (gelf_getphdr(elf, (int)i, &ph) && ph.p_type == PT_LOAD && vaddr >= ph.p_vaddr &&
		    vaddr - ph.p_vaddr < ph.p_filesz)
			return vaddr - ph.p_vaddr + ph.p_offset;
	}
	return UINT64_MAX;
}

/* Functions from the binary search table of .eh_frame_hdr (LSB, "Exception Frames"),
 * in the encodings that GNU ld and lld write: table datarel sdata4, frames pcrel
 * sdata4. Others are left alone. */
static void funcs_from_eh(struct image *im, Elf *elf, size_t phnum, const GElf_Phdr *hdr)
{
	uint8_t h[4];
	int32_t frame;
	uint32_t n;
	uint64_t off = hdr->p_offset;
	if (!at(im, off, h, 4) || h[0] != 1 || h[1] != 0x1b || h[2] != 0x03 || h[3] != 0x3b ||
	    !at(im, off + 4, &frame, 4) || !at(im, off + 8, &n, 4))
		return;
	for (uint32_t i = 0; i < n; i++) {
		int32_t pair[2], range;
		if (!at(im, off + 12 + 8 * (uint64_t)i, pair, 8))
			return;
		uint64_t start = hdr->p_vaddr + (uint64_t)(int64_t)pair[0];
		uint64_t fde = to_offset(elf, phnum, hdr->p_vaddr + (uint64_t)(int64_t)pair[1]);
		/* length, CIE pointer, pc_begin, pc_range */
		if (fde == UINT64_MAX || !at(im, fde + 12, &range, 4) || range <= 0)
			continue;
		struct func *f = VEC_PUSH(&im->funcs);
		f->start = start;
		f->end = start + (uint32_t)range;
	}
}

static void funcs_from_symbols(struct image *im, Elf *elf)
{
	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(elf, scn));) {
		GElf_Shdr sh;
		Elf_Data *d;
		if (!gelf_getshdr(scn, &sh) || (sh.sh_type != SHT_SYMTAB && sh.sh_type != SHT_DYNSYM) ||
		    !sh.sh_entsize || !(d = elf_getdata(scn, NULL)))
			continue;
		for (size_t i = 0; i < sh.sh_size / sh.sh_entsize; i++) {
			GElf_Sym sym;
			if (!gelf_getsym(d, (int)i, &sym) || GELF_ST_TYPE(sym.st_info) != STT_FUNC ||
			    !sym.st_size)
				continue;
			struct func *f = VEC_PUSH(&im->funcs);
			f->start = sym.st_value;
			f->end = sym.st_value + sym.st_size;
		}
	}
}

static const struct func *func_of(const struct image *im, uint64_t addr)
{
	size_t lo = 0, hi = im->funcs.n;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (im->funcs.at[mid].start <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	const struct func *f = lo ? &im->funcs.at[lo - 1] : NULL;
	return f && addr < f->end ? f : NULL;
}

static bool classify(const ZydisDecodedInstruction *in, const ZydisDecodedOperand *ops, struct site *s)
{
	switch (in->mnemonic) {
	case ZYDIS_MNEMONIC_CPUID:
		s->kind = SITE_CPUID;
		break;
	case ZYDIS_MNEMONIC_RDRAND:
	case ZYDIS_MNEMONIC_RDSEED:
		s->kind = in->mnemonic == ZYDIS_MNEMONIC_RDRAND ? SITE_RDRAND : SITE_RDSEED;
		s->reg = (uint8_t)ZydisRegisterGetId(ops[0].reg.value);
		s->size = (uint8_t)(ops[0].size / 8);
		break;
	default:
		return false;
	}
	s->len = in->length;
	return true;
}

/* Decode the function from its start; is there such an instruction at `addr`? */
static bool confirm(const struct image *im, uint64_t addr, struct site *s)
{
	const struct func *f = func_of(im, addr);
	ZydisDecoder dec;
	if (!f)
		return false;
	ZydisDecoderInit(&dec, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	uint64_t pc = f->start;
	while (pc < f->end) {
		uint64_t off = pc - im->text.p_vaddr + im->text.p_offset;
		ZydisDecodedInstruction in;
		ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
		if (pc < im->text.p_vaddr || off >= im->size ||
		    ZYAN_FAILED(ZydisDecoderDecodeFull(&dec, im->data + off, im->size - off, &in, ops)))
			return false;
		if (addr < pc + in.length) {
			/* The candidate's bytes may follow prefixes of the same instruction. */
			s->offset = off;
			return classify(&in, ops, s);
		}
		pc += in.length;
	}
	return false;
}

static void search(struct image *im, site_list *out)
{
	uint64_t start = im->text.p_offset, end = start + im->text.p_filesz;
	if (end > im->size || end < start)
		return;
	for (const uint8_t *p = im->data + start, *e = im->data + end; p + 2 < e; p++) {
		p = memchr(p, 0x0f, (size_t)(e - p - 2));
		if (!p)
			break;
		/* 0f a2: cpuid; 0f c7 with a register and /6 or /7: rdrand, rdseed */
		if (p[1] != 0xa2 && !(p[1] == 0xc7 && p[2] >= 0xf0))
			continue;
		struct site s = {0};
		uint64_t addr = (uint64_t)(p - im->data) - im->text.p_offset + im->text.p_vaddr;
		if (confirm(im, addr, &s))
			*VEC_PUSH(out) = s;
	}
}

static void search_elf(struct image *im, Elf *elf, site_list *out)
{
	size_t phnum;
	GElf_Ehdr eh;
	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &eh) || eh.e_machine != EM_X86_64 ||
	    elf_getphdrnum(elf, &phnum))
		return;
	GElf_Phdr ph;
	for (size_t i = 0; i < phnum; i++) {
		if (gelf_getphdr(elf, (int)i, &ph) && ph.p_type == PT_GNU_EH_FRAME)
			funcs_from_eh(im, elf, phnum, &ph);
	}
	if (!im->funcs.n)
		funcs_from_symbols(im, elf);
	if (!im->funcs.n)
		return;
	qsort(im->funcs.at, im->funcs.n, sizeof(*im->funcs.at), by_start);
	for (size_t i = 0; i < phnum; i++) {
		if (gelf_getphdr(elf, (int)i, &im->text) && im->text.p_type == PT_LOAD &&
		    im->text.p_flags & PF_X)
			search(im, out);
	}
}

void sites_find(int fd, site_list *out)
{
	struct stat st;
	struct image im = {0};
	if (fstat(fd, &st) || st.st_size < 64)
		return;
	im.size = (size_t)st.st_size;
	void *map = mmap(NULL, im.size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return;
	im.data = map;
	elf_version(EV_CURRENT);
	Elf *elf = memcmp(map, ELFMAG, SELFMAG) ? NULL : elf_memory(map, im.size);
	if (elf) {
		search_elf(&im, elf, out);
		elf_end(elf);
	}
	VEC_FREE(&im.funcs);
	munmap(map, im.size);
}
