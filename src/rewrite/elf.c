#include "rewrite/elf.h"

#include <elf.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#ifndef SHT_RELR
#define SHT_RELR 19
#endif

static int by_start(const void *a, const void *b)
{
	const struct func *x = a, *y = b;
	return x->start != y->start ? (x->start < y->start ? -1 : 1) : (x->end < y->end) - (x->end > y->end);
}

static bool at(const struct elf_text *t, uint64_t off, void *out, size_t n)
{
	if (off > t->size || n > t->size - off)
		return false;
	memcpy(out, t->data + off, n);
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

static void add_func(struct elf_text *t, uint64_t start, uint64_t len)
{
	if (!len || start + len < start || !elf_segment(t, start) || !elf_segment(t, start + len - 1))
		return;
	struct func *f = VEC_PUSH(&t->funcs);
	f->start = start;
	f->end = start + len;
}

/* Functions from the binary search table of .eh_frame_hdr (LSB, "Exception Frames"),
 * in the encodings that GNU ld and lld write: table datarel sdata4, frames pcrel
 * sdata4. Others are left alone. */
static void funcs_from_eh(struct elf_text *t, Elf *elf, size_t phnum, const GElf_Phdr *hdr)
{
	uint8_t h[4];
	int32_t frame;
	uint32_t n;
	uint64_t off = hdr->p_offset;
	if (!at(t, off, h, 4) || h[0] != 1 || h[1] != 0x1b || h[2] != 0x03 || h[3] != 0x3b ||
	    !at(t, off + 4, &frame, 4) || !at(t, off + 8, &n, 4))
		return;
	for (uint32_t i = 0; i < n; i++) {
		int32_t pair[2], range;
		if (!at(t, off + 12 + 8 * (uint64_t)i, pair, 8))
			return;
		uint64_t start = hdr->p_vaddr + (uint64_t)(int64_t)pair[0];
		uint64_t fde = to_offset(elf, phnum, hdr->p_vaddr + (uint64_t)(int64_t)pair[1]);
		/* length, CIE pointer, pc_begin, pc_range */
		if (fde != UINT64_MAX && at(t, fde + 12, &range, 4) && range > 0)
			add_func(t, start, (uint32_t)range);
	}
}

/* The encoding of addresses in the frames of a CIE whose content is at `off`: that of 'R'
 * in its augmentation, or 0xff where it is not the usual "zR", "zPLR" form. */
static uint8_t cie_encoding(const struct elf_text *t, uint64_t off)
{
	uint8_t b[64];
	if (!at(t, off, b, sizeof(b)) || b[0] != 1 || b[1] != 'z')
		return 0xff;
	const char *aug = (const char *)b + 1;
	size_t n = strnlen(aug, 8), i = n + 2;
	for (int skip = 0; skip < 4; skip++) { /* code and data alignment, register, length */
		while (i < sizeof(b) && b[i] & 0x80)
			i++;
		i++;
	}
	for (const char *a = aug + 1; *a && i + 5 < sizeof(b); a++) {
		if (*a == 'R')
			return b[i];
		i += *a == 'P' ? ((b[i] & 7) == 3 ? 5 : 9) : *a == 'L' ? 1 : 0;
	}
	return 0xff;
}

/* Functions from .eh_frame itself: static executables have no table of it. */
static void funcs_from_frames(struct elf_text *t, const GElf_Shdr *sh)
{
	uint64_t off = sh->sh_offset, end = off + sh->sh_size;
	while (off + 8 < end) {
		uint32_t len, id;
		int32_t pc[2];
		if (!at(t, off, &len, 4) || !len || len == UINT32_MAX || !at(t, off + 4, &id, 4))
			return;
		/* An FDE says how far back its CIE is; addresses are pcrel sdata4. */
		if (id && cie_encoding(t, off + 4 - id + 8) == 0x1b && at(t, off + 8, pc, 8) && pc[1] > 0)
			add_func(t, sh->sh_addr + (off + 8 - sh->sh_offset) + (uint64_t)(int64_t)pc[0],
				 (uint32_t)pc[1]);
		off += 4 + (uint64_t)len;
	}
}

/* Functions from Go's table, which stripping leaves (src/debug/gosym/pclntab.go of Go 1.18
 * and 1.20): a header, and offsets of the functions' entries from the start of the text,
 * the last one being the end of the last function. */
static void funcs_from_go(struct elf_text *t, const GElf_Shdr *sh)
{
	uint32_t magic, row[4];
	uint64_t h[8]; /* functions, files, text, offsets of names, units, files, pcs, functions */
	if (!at(t, sh->sh_offset, &magic, 4) || (magic != 0xfffffff0 && magic != 0xfffffff1) ||
	    !at(t, sh->sh_offset + 8, h, sizeof(h)))
		return;
	uint64_t table = sh->sh_offset + h[7];
	for (uint64_t i = 0; i < h[0] && at(t, table + 8 * i, row, sizeof(row)); i++) {
		if (row[2] > row[0])
			add_func(t, h[2] + row[0], row[2] - row[0]);
	}
}

static void funcs_from_section(struct elf_text *t, Elf *elf, const char *wanted,
			       void (*read)(struct elf_text *t, const GElf_Shdr *sh))
{
	size_t names;
	if (elf_getshdrstrndx(elf, &names))
		return;
	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(elf, scn));) {
		GElf_Shdr sh;
		const char *name = gelf_getshdr(scn, &sh) ? elf_strptr(elf, names, sh.sh_name) : NULL;
		if (name && !strcmp(name, wanted) && sh.sh_type != SHT_NOBITS)
			read(t, &sh);
	}
}

static void funcs_from_symbols(struct elf_text *t, Elf *elf)
{
	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(elf, scn));) {
		GElf_Shdr sh;
		Elf_Data *d;
		if (!gelf_getshdr(scn, &sh) || (sh.sh_type != SHT_SYMTAB && sh.sh_type != SHT_DYNSYM) ||
		    !sh.sh_entsize || !(d = elf_getdata(scn, NULL)))
			continue;
		for (size_t i = 0; i < sh.sh_size / sh.sh_entsize; i++) {
			GElf_Sym sym;
			if (gelf_getsym(d, (int)i, &sym) && GELF_ST_TYPE(sym.st_info) == STT_FUNC)
				add_func(t, sym.st_value, sym.st_size);
		}
	}
}

/* Sorted, and no two overlap: of those that do the one that begins first stays (with
 * the same start: the longer). */
static void tidy(struct elf_text *t)
{
	size_t n = 0;
	qsort(t->funcs.at, t->funcs.n, sizeof(*t->funcs.at), by_start);
	for (size_t i = 0; i < t->funcs.n; i++) {
		if (!n || t->funcs.at[i].start >= t->funcs.at[n - 1].end)
			t->funcs.at[n++] = t->funcs.at[i];
	}
	t->funcs.n = n;
}

static bool has_textrel(Elf *elf)
{
	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(elf, scn));) {
		GElf_Shdr sh;
		Elf_Data *d;
		if (!gelf_getshdr(scn, &sh) || sh.sh_type != SHT_DYNAMIC || !sh.sh_entsize ||
		    !(d = elf_getdata(scn, NULL)))
			continue;
		for (size_t i = 0; i < sh.sh_size / sh.sh_entsize; i++) {
			GElf_Dyn dyn;
			if (gelf_getdyn(d, (int)i, &dyn) &&
			    (dyn.d_tag == DT_TEXTREL ||
			     (dyn.d_tag == DT_FLAGS && dyn.d_un.d_val & DF_TEXTREL)))
				return true;
		}
	}
	return false;
}

static void read_segments(struct elf_text *t, Elf *elf, size_t phnum)
{
	for (size_t i = 0; i < phnum; i++) {
		GElf_Phdr ph;
		if (!gelf_getphdr(elf, (int)i, &ph) || ph.p_type != PT_LOAD || ph.p_offset > t->size ||
		    ph.p_filesz > t->size - ph.p_offset)
			continue;
		struct segment seg = {ph.p_offset, ph.p_vaddr, ph.p_filesz};
		if (!(ph.p_flags & PF_X)) {
			*VEC_PUSH(&t->data_segs) = seg;
			continue;
		}
		/* Text that is stored into is not constant. */
		t->textrel |= ph.p_flags & PF_W;
		*VEC_PUSH(&t->segs) = seg;
	}
}

static void read_relocs(struct elf_text *t, Elf *elf)
{
	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(elf, scn));) {
		GElf_Shdr sh;
		if (gelf_getshdr(scn, &sh) && (sh.sh_type == SHT_RELA || sh.sh_type == SHT_RELR) &&
		    sh.sh_flags & SHF_ALLOC && sh.sh_offset <= t->size &&
		    sh.sh_size <= t->size - sh.sh_offset)
			*VEC_PUSH(&t->relocs) = (struct segment){sh.sh_offset, sh.sh_type, sh.sh_size};
	}
}

static int read_elf(struct elf_text *t, Elf *elf)
{
	size_t phnum;
	GElf_Ehdr eh;
	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &eh) || eh.e_machine != EM_X86_64 ||
	    (eh.e_type != ET_EXEC && eh.e_type != ET_DYN) || elf_getphdrnum(elf, &phnum))
		return -1;
	t->fixed = eh.e_type == ET_EXEC;
	read_segments(t, elf, phnum);
	t->textrel |= has_textrel(elf);
	read_relocs(t, elf);
	for (size_t i = 0; i < phnum; i++) {
		GElf_Phdr ph;
		if (gelf_getphdr(elf, (int)i, &ph) && ph.p_type == PT_GNU_EH_FRAME)
			funcs_from_eh(t, elf, phnum, &ph);
	}
	if (!t->funcs.n)
		funcs_from_section(t, elf, ".eh_frame", funcs_from_frames);
	funcs_from_section(t, elf, ".gopclntab", funcs_from_go);
	funcs_from_symbols(t, elf);
	tidy(t);
	return t->funcs.n ? 0 : -1;
}

int elf_text_open(struct elf_text *t, int fd)
{
	struct stat st;
	memset(t, 0, sizeof(*t));
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size < 64)
		return -1;
	void *map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return -1;
	t->data = map;
	t->size = (size_t)st.st_size;
	if (memcmp(map, ELFMAG, SELFMAG))
		return -1;
	elf_version(EV_CURRENT);
	Elf *elf = elf_memory(map, t->size);
	int rc = elf ? read_elf(t, elf) : -1;
	if (elf)
		elf_end(elf);
	return rc;
}

void elf_text_close(struct elf_text *t)
{
	VEC_FREE(&t->funcs);
	VEC_FREE(&t->segs);
	VEC_FREE(&t->data_segs);
	VEC_FREE(&t->relocs);
	if (t->data)
		munmap((void *)t->data, t->size);
	t->data = NULL;
}

const struct func *elf_func(const struct elf_text *t, uint64_t vaddr)
{
	size_t lo = 0, hi = t->funcs.n;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (t->funcs.at[mid].start <= vaddr)
			lo = mid + 1;
		else
			hi = mid;
	}
	const struct func *f = lo ? &t->funcs.at[lo - 1] : NULL;
	return f && vaddr < f->end ? f : NULL;
}

const struct segment *elf_segment(const struct elf_text *t, uint64_t vaddr)
{
	for (size_t i = 0; i < t->segs.n; i++) {
		const struct segment *s = &t->segs.at[i];
		if (vaddr >= s->vaddr && vaddr - s->vaddr < s->len)
			return s;
	}
	return NULL;
}

uint64_t elf_text_addr(const struct elf_text *t, uint64_t offset)
{
	for (size_t i = 0; i < t->segs.n; i++) {
		const struct segment *s = &t->segs.at[i];
		if (offset >= s->offset && offset - s->offset < s->len)
			return offset - s->offset + s->vaddr;
	}
	return 0;
}

const uint8_t *elf_bytes(const struct elf_text *t, uint64_t vaddr, size_t *left)
{
	const struct segment *s = elf_segment(t, vaddr);
	if (!s)
		return NULL;
	*left = (size_t)(s->len - (vaddr - s->vaddr));
	return t->data + s->offset + (vaddr - s->vaddr);
}

int elf_data(const struct elf_text *t, uint64_t vaddr, void *out, size_t n)
{
	for (size_t i = 0; i < t->data_segs.n; i++) {
		const struct segment *s = &t->data_segs.at[i];
		if (vaddr < s->vaddr || vaddr - s->vaddr >= s->len || n > s->len - (vaddr - s->vaddr))
			continue;
		memcpy(out, t->data + s->offset + (vaddr - s->vaddr), n);
		return 0;
	}
	return -1;
}

/* The compact form: an address, then bitmaps of the 63 words behind it (generic ABI, "Relative
 * Relocation Table"); the addends are in place. */
static void each_relr(const struct elf_text *t, const struct segment *r,
		      void (*fn)(void *ctx, uint64_t value), void *ctx)
{
	uint64_t where = 0, entry, value;
	for (uint64_t i = 0; i + 8 <= r->len; i += 8) {
		memcpy(&entry, t->data + r->offset + i, 8);
		if (!(entry & 1)) {
			if (!elf_data(t, entry, &value, 8))
				fn(ctx, value);
			where = entry + 8;
			continue;
		}
		for (unsigned bit = 1; bit < 64; bit++) {
			if (entry >> bit & 1 && !elf_data(t, where + 8 * (bit - 1), &value, 8))
				fn(ctx, value);
		}
		where += 63 * 8;
	}
}

static void each_rela(const struct elf_text *t, const struct segment *r,
		      void (*fn)(void *ctx, uint64_t value), void *ctx)
{
	for (uint64_t i = 0; i + sizeof(Elf64_Rela) <= r->len; i += sizeof(Elf64_Rela)) {
		Elf64_Rela rela;
		memcpy(&rela, t->data + r->offset + i, sizeof(rela));
		if (ELF64_R_TYPE(rela.r_info) == R_X86_64_RELATIVE)
			fn(ctx, (uint64_t)rela.r_addend);
	}
}

static void each_word(const struct elf_text *t, const struct segment *s,
		      void (*fn)(void *ctx, uint64_t value), void *ctx)
{
	const struct func *before = NULL;
	uint64_t last = 0, value;
	for (uint64_t off = -s->vaddr & 7; off + 8 <= s->len; off += 8) {
		memcpy(&value, t->data + s->offset + off, 8);
		const struct func *f = elf_segment(t, value) ? elf_func(t, value) : NULL;
		if (f && f == before) {
			fn(ctx, last);
			fn(ctx, value);
		}
		before = f;
		last = value;
	}
}

void elf_each_pointer(const struct elf_text *t, void (*fn)(void *ctx, uint64_t value), void *ctx)
{
	for (size_t i = 0; i < t->relocs.n; i++)
		(t->relocs.at[i].vaddr == SHT_RELR ? each_relr : each_rela)(t, &t->relocs.at[i], fn, ctx);
	for (size_t i = 0; t->fixed && i < t->data_segs.n; i++)
		each_word(t, &t->data_segs.at[i], fn, ctx);
}
