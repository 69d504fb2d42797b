/* build: -fsanitize=address -pthread -no-pie */
/* compiler: gcc */
/* verify: 10 */
/* As sanitize_address, linked to fixed addresses: program, heap and stubs lie below the shadow. */
#include "sanitize_address.c"
