/* build: -fsanitize=undefined -fno-sanitize-recover=undefined */
/* compiler: clang */
/* verify: 10 */
/* As sanitize_undefined, with clang's runtime, which is part of the program. */
#include "sanitize_undefined.c"
