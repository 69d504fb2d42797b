/* Names of constants. */
#ifndef ABI_NAMES_H
#define ABI_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct name {
	uint64_t value;
	const char *text;
};

/* How a plain value of a type prints: names of single values, or of bits. */
struct name_table {
	const struct name *names;
	size_t n;
	uint64_t enum_mask; /* for flags: these bits are one value, looked up first */
	int flags;
	const char *comment; /* behind a number without a name, as "PROT_???"; or NULL */
};

/* The table of `type` (enum abi_type), or NULL. */
const struct name_table *name_table(int type);

#endif
