/* How the tables of ioctls are written. Numbers are the kernel's for x86-64, so that the tables do
 * not depend on which headers are installed. */
#ifndef ABI_IOCTLS_ROWS_H
#define ABI_IOCTLS_ROWS_H

#include "abi/ioctls.h"
#include "base/mem.h"

struct ioctl_family {
	const struct ioctl_row *rows;
	size_t n;
};

extern const struct ioctl_family ioctls_block, ioctls_dev, ioctls_fs, ioctls_kernel, ioctls_media, ioctls_net,
	ioctls_sound, ioctls_tty;

/* What a number says by itself (include/uapi/asm-generic/ioctl.h). */
#define IOC_DIR(c)                                                                                           \
	((c) >> 30 == 0 ? IOD_NONE : (c) >> 30 == 1 ? IOD_IN : (c) >> 30 == 2 ? IOD_OUT : IOD_INOUT)
#define IOC_SIZE(c) ((c) >> 16 & 0x3fff)

#define N(c, name)                                                                                           \
	{                                                                                                    \
		c, #name, IOC_DIR(c##u), 0, IOC_SIZE(c##u), 0                                                \
	} /* the number tells the truth */
#define V(c, name)                                                                                           \
	{                                                                                                    \
		c, #name, IOD_NONE, 0, 0, 0                                                                  \
	} /* the argument is a value, or not used */
#define I(c, name, size)                                                                                     \
	{                                                                                                    \
		c, #name, IOD_IN, 0, size, 0                                                                 \
	} /* the kernel reads so many bytes, */
#define O(c, name, size)                                                                                     \
	{                                                                                                    \
		c, #name, IOD_OUT, 0, size, 0                                                                \
	} /* writes them, */
#define B(c, name, size)                                                                                     \
	{                                                                                                    \
		c, #name, IOD_INOUT, 0, size, 0                                                              \
	} /* both */
#define C(c, name)                                                                                           \
	{                                                                                                    \
		c, #name, IOD_UNKNOWN, 0, 0, 0                                                               \
	} /* it writes behind pointers in its argument */
#define X(c, name)                                                                                           \
	{                                                                                                    \
		c, #name, IOD_REFUSED, 0, 0, 0                                                               \
	}
#define S(c, name, how)                                                                                      \
	{                                                                                                    \
		c, #name, how, 0, 0, 0                                                                       \
	} /* see abi/special.c */
#define W(c, name, dir, size)                                                                                \
	{                                                                                                    \
		c, #name, dir, IOF_WRITES, size, 0                                                           \
	}
/* `span` numbers from this one on, */
#define M(c, name, span)                                                                                     \
	{                                                                                                    \
		c, #name, IOC_DIR(c##u), 0, IOC_SIZE(c##u), span                                             \
	}
/* and of any size: the number tells which. */
#define A(c, name, span)                                                                                     \
	{                                                                                                    \
		c, #name, IOC_DIR(c##u), IOF_ANY_SIZE, 0, span                                               \
	}

#endif
