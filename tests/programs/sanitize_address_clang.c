/* build: -fsanitize=address -pthread */
/* compiler: clang */
/* status: 66 */
/* As sanitize_address, with clang's runtime, which is part of the program. */
#include "sanitize_address.c"
