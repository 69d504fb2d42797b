/* Instrumented images: the text of an ELF file in which system calls (and cpuid) jump
 * to stubs, and the stubs. docs/rewriting.md says how, and why it is safe.
 *
 * An image is a file: a header page, the changed text of each executable segment, an area
 * of trampolines and stubs that must be mapped at a fixed distance from the text, and the
 * site map. It depends on nothing but the ELF file's content. */
#ifndef REWRITE_IMAGE_H
#define REWRITE_IMAGE_H

#include <sched.h>

#include "rewrite/sites.h"

#define IMAGE_MAGIC "RPIMAGE"
#define IMAGE_VERSION 24 /* of the format and of what the analysis does; see image_version too */
#define IMAGE_SEGS 4

/* Offsets are bytes, addresses those of the ELF file; all multiples of a page. */
struct image_seg {
	uint64_t file_off, len; /* of the text in the ELF file */
	uint64_t text_off;	/* of the changed text in the image */
	uint64_t base;		/* from the first segment's address to this one's */
};

struct image_header {
	char magic[8];
	uint32_t version, nsegs, nentries, nsites;
	uint32_t nnear;	  /* of the entries: those of stubs in reach of their jumps, which come first */
	uint32_t layout;  /* LAYOUT_STAMP: of the runtime whose addresses the stubs name */
	uint64_t size;	  /* of the image file */
	uint64_t tables;  /* offset of the entries, which the sites follow */
	uint64_t xxh64;	  /* of everything after the header page */
	uint64_t patched; /* sites that have stubs, safepoints included */
	uint64_t vaddr;	  /* of the first segment */
	int64_t distance; /* from the first segment's address to the area's */
	uint64_t area_len, area_off;
	struct image_seg seg[IMAGE_SEGS];
};

/* One step of a stub and the program's instruction that it stands for, in the order of
 * stub addresses; near and far ones each also in the order of groups. Offsets are from the
 * first segment's address and from the area's. */
struct image_entry {
	uint32_t app, stub;
	uint32_t group;	    /* offset of the group's first byte, where the jump is */
	uint16_t group_len; /* 0: nothing is displaced, a jump or call there leads to the stub */
	uint16_t flags;
};

#define ENTRY_TRAPPED 1 /* what follows the trap of a safepoint */

struct image {
	struct image_header head;
	struct image_entry *entries;
	struct site *sites; /* those that trap where they stand: int3 in the text */
};

enum left_why {
	LEFT_TARGET,   /* a branch goes between it and the bytes that the jump needs */
	LEFT_NEIGHBOR, /* an instruction that cannot be displaced is in the way */
	LEFT_WINDOW,   /* no room for its trampoline */
	LEFT_MAX
};

struct image_left {
	uint64_t addr;
	uint8_t kind; /* enum site_kind */
	uint8_t why;
};

/* What the analysis of one file found. */
struct image_report {
	const char *why_not; /* no image can be made; static text */
	unsigned functions;
	unsigned syscalls, cpuids, tscs, xsaves, x87s; /* found; x87s: fnstenv, fnsave, fxsave */
	unsigned syscalls_in, cpuids_in, tscs_in, xsaves_in, x87s_in; /* with stubs */
	unsigned traps;			   /* int3 planted: cpuid without stub, rdrand, rdseed */
	unsigned loops, calls, dispatches; /* places that want a safepoint */
	unsigned safepoints;		   /* of those that have one */
	unsigned ended;			   /* loops that need none: they end by themselves, */
	unsigned leaning;		   /* or practically do, or count inside */
	unsigned live;			   /* safepoints where flags are live */
	unsigned untiled;		   /* functions that are not all instructions */
	uint64_t text_bytes, area_bytes;
	VEC(struct image_left) left;
};

/* What images of this program are called behind the name of their file: their version, and the runtime's
 * layout. An image of another layout is never used. */
const char *image_version(void);

const char *left_text(enum left_why why);

/* Make the image of ELF file `fd` in the empty file `out`. 0; 1: none is needed or none
 * can be made (rep->why_not); -1 with the error text: it cannot be written. `rep` is
 * filled; free rep->left. The work is done on `cpus` (base/ahead.h). */
int image_build(int fd, int out, struct image_report *rep, const cpu_set_t *cpus);
/* Check every stub of an image by decoding it beside the ELF file's instructions. 0, or
 * -1 with the error text naming the first that is wrong. */
int image_verify(int elf_fd, int image_fd);

/* The checksum of an image file of `size` bytes, for image_header.xxh64. 0 or -errno. */
int image_checksum(int fd, uint64_t size, uint64_t *sum);

/* Read header and tables of an image file. 0, or -1: it is none, or damaged (error text
 * set). With `whole`, its checksum is compared too. */
int image_load(struct image *im, int fd, bool whole);
void image_free(struct image *im);

#endif
