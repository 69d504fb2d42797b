/* What an address space consists of.
 *
 * A kernel mapping is what the kernel says about a range: /proc/PID/maps, plus
 * fstat of the file. A mapping holds two of them, the recorded and the replayed
 * one, which differ (the recorded libc.so is replayed from a file of the trace),
 * and what the recorder knows beyond both: what the memory is and where its
 * content comes from. */
#ifndef TASK_MAPPING_H
#define TASK_MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hmap.h"
#include "base/mem.h"

enum map_flag {
	MAPF_SHARED = 1,
	MAPF_GROWSDOWN = 2,
	MAPF_ANON = 4,	 /* no file behind it */
	MAPF_AREA = 8,	 /* trampolines and stubs of an instrumented image */
	MAPF_IMAGE = 16, /* the file's text, from its instrumented image */
};

struct kernel_mapping {
	uint64_t start, end; /* page aligned, end exclusive */
	uint32_t prot;	     /* PROT_* */
	uint32_t flags;	     /* enum map_flag */
	uint64_t offset;     /* in the file, bytes */
	uint64_t dev, ino;   /* of the file, 0 for anonymous memory */
	uint64_t size;	     /* st_size of the file when it was mapped */
	char name[256];	     /* as in /proc/PID/maps; cut if longer */
};

enum map_source {
	SRC_ZERO,   /* anonymous memory, zero */
	SRC_FILE,   /* a file of the trace (`hash`), mapped private */
	SRC_OBJECT, /* a shared object of the replay (`object`), mapped shared */
	SRC_NONE,   /* not rebuilt at replay (vvar, vsyscall) */
};

struct mapping {
	struct kernel_mapping recorded, replayed;
	uint8_t source;	   /* enum map_source */
	char hash[36];	   /* SRC_FILE: name in the trace's file store */
	uint64_t content;  /* SRC_FILE: offset in that file, which may be an instrumented image */
	char original[36]; /* SRC_FILE: name of the file that the program mapped; empty: it is `hash` */
	uint64_t object;   /* SRC_OBJECT: identity of the object, unique in the trace */
};

/* How many mappings there are of each object and file, in all address spaces that share the
 * counts. */
struct map_counts {
	struct hmap objects; /* identity -> the number, as a pointer */
	struct hmap files;   /* hash of (dev, ino) -> struct file_count */
};

struct file_count {
	uint64_t dev, ino, n;
};

/* The mappings of one address space, sorted by recorded address, never overlapping. They stand in
 * blocks, so that a change among 65,000 moves few of them. Pointers to mappings are good until the
 * space changes. */
struct space {
	VEC(struct space_block *) blocks; /* none is empty */
	struct map_counts *counts;	  /* or NULL; not owned */
};

/* The mapping that contains `addr`, or NULL. */
struct mapping *space_find(const struct space *s, uint64_t addr);
/* The first mapping that ends after `addr`, or NULL. */
struct mapping *space_from(const struct space *s, uint64_t addr);
/* Walk all mappings by address: the first one, or NULL, and the one after `m`, or NULL. `m` may have
 * been changed meanwhile, and others too. */
struct mapping *space_first(const struct space *s);
struct mapping *space_next(const struct space *s, const struct mapping *m);
size_t space_count(const struct space *s);
/* `m` of this space shows the object from now on. */
void space_set_object(struct space *s, struct mapping *m, uint64_t object);
/* How many mappings show the object, in all spaces of these counts. */
uint64_t counts_object(const struct map_counts *c, uint64_t object);
/* How many mappings there are of the file, likewise. */
uint64_t counts_file(const struct map_counts *c, uint64_t dev, uint64_t ino);
/* Put `m` in place of whatever was in its range. */
void space_map(struct space *s, const struct mapping *m);
void space_unmap(struct space *s, uint64_t start, uint64_t end);
void space_protect(struct space *s, uint64_t start, uint64_t end, uint32_t prot);
/* mremap: [old, old+old_len), one mapping to the kernel or several, becomes [new, new+new_len)
 * (what grew has the source of the last). old_len 0: a second mapping of the same memory. */
void space_move(struct space *s, uint64_t old, uint64_t old_len, uint64_t new, uint64_t new_len,
		bool keep_old);
/* What a successful buffered call (runtime/maps.c) did: mmap of private anonymous memory,
 * munmap, mprotect, brk (from the break `old`). Other calls change nothing. */
void space_buffered(struct space *s, int64_t nr, const uint64_t args[6], uint64_t result, uint64_t old);
/* The counts that `to` shares stay. */
void space_copy(struct space *to, const struct space *from);
void space_clear(struct space *s);

enum { MAPS_LINE = 512 };
/* The line of /proc/PID/maps for the part of `k` from `start` to `end`, with these permissions ("r-xp"; NULL:
 * its own). Its length, without the zero. */
size_t maps_line(const struct kernel_mapping *k, uint64_t start, uint64_t end, const char *perm,
		 char out[MAPS_LINE]);
/* Read /proc/PID/maps into `out` (a space without sources; SRC_ZERO). 0 or -1. */
int maps_read(int pid, struct space *out);
/* Where the mapping of process `pid` begins that holds `addr`: the kernel lets stacks grow without
 * a call, so a struct space does not say. `addr` where nothing is mapped. */
uint64_t maps_grown_start(int pid, uint64_t addr);

#endif
