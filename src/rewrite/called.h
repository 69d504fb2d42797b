/* Suspects that are instructions for sure, because the file's own code calls the code that holds them. */
#ifndef REWRITE_CALLED_H
#define REWRITE_CALLED_H

#include "rewrite/suspects.h"

/* `l` holds the suspects of the text `c`, by address, after suspects_sweep. Those that are likely
 * instructions become known ones (SUSPECT_INSN) if a direct call or jump leads to code from which control comes
 * to them. */
void suspects_called(const struct live_code *c, suspect_list *l);

#endif
