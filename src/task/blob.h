/* The runtime as bytes of this program: flat code for recording, an ELF file (the
 * stub) for replay. */
#ifndef TASK_BLOB_H
#define TASK_BLOB_H

#include <stddef.h>

const void *blob_code(void);
size_t blob_code_size(void);
const void *blob_stub(void);
size_t blob_stub_size(void);

#endif
