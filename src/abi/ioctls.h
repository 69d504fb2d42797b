/* ioctl requests: which memory each one reads and writes. */
#ifndef ABI_IOCTLS_H
#define ABI_IOCTLS_H

#include <stdint.h>

enum ioctl_dir {
	IOD_NONE,    /* no memory, or the argument is a value */
	IOD_IN,	     /* the kernel reads `size` bytes */
	IOD_OUT,     /* the kernel writes `size` bytes */
	IOD_INOUT,   /* both */
	IOD_IFCONF,  /* SIOCGIFCONF: a counted buffer behind a pointer */
	IOD_ETHTOOL, /* SIOCETHTOOL: a command and its struct behind a pointer */
	IOD_FIEMAP,  /* FS_IOC_FIEMAP: a header and as many extents as it says */
	IOD_UNKNOWN, /* nothing says which memory it writes */
	IOD_REFUSED, /* it lets others write memory later, at any time */
};

struct ioctl_row {
	uint32_t cmd;
	const char *name;
	uint8_t dir;
	uint16_t size;
};

/* The row of `cmd`; of one that is in no table, a row without a name, of dir IOD_UNKNOWN. What
 * the number itself says of size and direction is no promise: some write more than that. */
struct ioctl_row ioctl_lookup(uint32_t cmd);

#endif
