/* Which memory a system call reads and writes, computed from its row. */
#ifndef ABI_REGIONS_H
#define ABI_REGIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "abi/sysrow.h"
#include "base/mem.h"

enum region_dir { DIR_IN = 1, DIR_OUT = 2, DIR_INOUT = 3 };

enum region_rule {
	R_FIXED,   /* `len` bytes whatever the result: small structs, written on some errors too */
	R_RESULT,  /* at most `len` bytes: the result times the size of the type */
	R_LENPTR,  /* at most `len` bytes: what the u32 at `aux` says after the call */
	R_IOV,	   /* one piece of a scattered result; pieces of one `group` fill in order */
	R_MSGHDR,  /* struct msghdr, of which the kernel writes three fields */
	R_MMSGHDR, /* struct mmsghdr: the same, and msg_len */
	R_MSGNAME, /* at most `len` bytes: msg_namelen of the parent after the call */
	R_MSGCTL,  /* at most `len` bytes: msg_controllen of the parent after the call */
	R_CHANGED, /* what differs afterwards: whoever added it finds that out */
};

/* A piece of the caller's memory. When `parent` >= 0, the pointer to it is at
 * offset `parent_off` in that region; otherwise it is argument `arg`. */
struct region {
	uint64_t addr, len;
	uint64_t aux;
	uint64_t scratch; /* where the recorder put it instead, or 0 */
	int32_t parent;
	uint32_t parent_off;
	uint32_t group; /* R_IOV: message number for mmsg, else 0 */
	uint8_t dir, rule, type, arg;
	bool container; /* holds pointers to other regions */
	bool text;	/* a string: `len` includes the NUL when it was found */
};

typedef VEC(struct region) region_list;

/* How to read the caller's memory: bytes read, short or 0 where it is unreadable. */
struct abi_reader {
	size_t (*read)(void *ctx, uint64_t addr, void *out, size_t len);
	void *ctx;
};

/* At the start: every region of call `nr`, with the largest extent it can have.
 * In-regions have their exact extent (strings and buffers are cut at 4096 bytes
 * unless `whole`). The list is appended to; the caller frees it with VEC_FREE. */
void abi_regions(int64_t nr, const uint64_t args[6], const struct abi_reader *rd, region_list *out);

/* At the exit: the exact pieces written, as (addr, len) in `out`, for result
 * `result`. `in` is what abi_regions gave; reads go through `rd`, which must show
 * memory as the kernel left it. */
void abi_written(int64_t nr, const region_list *in, int64_t result, const struct abi_reader *rd,
		 region_list *out);

/* Special regions of calls whose row cannot say them (abi/special.c). */
void abi_special_regions(int64_t nr, const uint64_t args[6], const struct abi_reader *rd, region_list *out);

/* Does nothing say which memory the call writes? */
bool abi_undescribed(int64_t nr, const uint64_t args[6]);
/* Does it start what writes memory later, at any time? */
bool abi_refused(int64_t nr, const uint64_t args[6]);
/* What chooses between the things that the call can do: of ioctl, its number. */
uint64_t abi_command(int64_t nr, const uint64_t args[6]);

/* What a kernel answers to a command that it does not know. */
int64_t abi_refusal(int64_t nr);

/* Is the memory of this quotactl command known? */
bool abi_quota_known(uint64_t cmd);

/* Add one region to a list. */
struct region *region_add(region_list *l, uint64_t addr, uint64_t len, uint8_t dir, uint8_t rule, uint8_t arg,
			  uint8_t type);

#endif
