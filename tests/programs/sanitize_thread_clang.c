/* build: -fsanitize=thread -pthread */
/* compiler: clang */
/* verify: 10 */
/* As sanitize_thread, with clang's runtime, which is part of the program. */
#include "sanitize_thread.c"
