/* Sets of calls as -e trace= names them. */
#ifndef INTERPOSE_MASKSET_H
#define INTERPOSE_MASKSET_H

#include "interpose/chain.h"

/* Call `add` for each word between commas, until one fails. */
int each_word(const char *set, int (*add)(void *to, const char *word), void *to);
/* "read,write", "%file", "!close", "all", "none". 0, or -1 with the error text. */
int mask_parse(const char *set, struct call_mask *out);

#endif
