/* build: -fsanitize=address -pthread */
/* compiler: clang */
/* verify: 10 */
/* As sanitize_address, with clang's runtime, which is part of the program. */
#include "sanitize_address.c"
