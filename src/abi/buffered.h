/* Which system calls the runtime handles without a stop, and what of them it records. */
#ifndef ABI_BUFFERED_H
#define ABI_BUFFERED_H

#include <stddef.h>

#include "shared.h"

/* Fill the table that the runtime reads: rows of calls 0 to n - 1. */
void abi_call_rows(struct call_row *rows, size_t n);
/* How the runtime treats call `nr` (enum how). */
int abi_how(long nr);

#endif
