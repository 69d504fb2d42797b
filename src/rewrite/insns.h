/* Instructions whose results nobody can predict, found in an ELF file by static
 * analysis: cpuid (where the CPU cannot fault on it), rdrand, rdseed. */
#ifndef REWRITE_INSNS_H
#define REWRITE_INSNS_H

#include <stdint.h>

#include "base/mem.h"

enum site_kind { SITE_CPUID, SITE_RDRAND, SITE_RDSEED };

struct site {
	uint64_t offset; /* in the file, of the first byte */
	uint8_t kind, len;
	uint8_t reg;  /* destination of rdrand and rdseed, as the CPU numbers them */
	uint8_t size; /* of it, in bytes */
};

typedef VEC(struct site) site_list;

/* Find them in the ELF file `fd`. Only an instruction that decoding from the start of
 * the function around it reaches counts: bytes that merely look like one are left
 * alone. A file that is no ELF file, or says nothing of its functions, has none. */
void sites_find(int fd, site_list *out);

#endif
