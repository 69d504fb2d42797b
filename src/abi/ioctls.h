/* ioctl requests: which memory each one reads and writes. */
#ifndef ABI_IOCTLS_H
#define ABI_IOCTLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ioctl_dir {
	IOD_NONE,    /* no memory, or the argument is a value */
	IOD_IN,	     /* the kernel reads `size` bytes */
	IOD_OUT,     /* the kernel writes `size` bytes */
	IOD_INOUT,   /* both */
	IOD_IFCONF,  /* SIOCGIFCONF: a counted buffer behind a pointer */
	IOD_FIEMAP,  /* FS_IOC_FIEMAP: a header and as many extents as it says */
	IOD_DEDUPE,  /* FIDEDUPERANGE: the same with ranges */
	IOD_UNKNOWN, /* nothing says which memory it writes */
	IOD_REFUSED, /* it lets others write memory later, at any time */
};

enum ioctl_flag {
	IOF_WRITES = 1,	  /* it changes the data of the file behind the descriptor */
	IOF_ANY_SIZE = 2, /* its number holds a size that the caller chooses */
};

struct ioctl_row {
	uint32_t cmd;
	const char *name;
	uint8_t dir, flags; /* enum ioctl_dir, enum ioctl_flag */
	uint16_t size;
	uint8_t span; /* of those with a parameter: how many numbers */
};

/* The row of `cmd`; of one that is in no table, a row without a name, of dir IOD_UNKNOWN. What
 * the number itself says of size and direction is no promise: some write more than that. */
struct ioctl_row ioctl_lookup(uint32_t cmd);
/* The rows of the tables, sorted by number, for those who check them; NULL behind the last. */
const struct ioctl_row *ioctl_row_at(size_t i);

#endif
