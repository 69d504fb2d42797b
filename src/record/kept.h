/* Files of the trace: what programs map is kept there. */
#ifndef RECORD_KEPT_H
#define RECORD_KEPT_H

#include "record/session.h"

/* Keep the mapped file, which can be opened at `path`, in the trace's store; `m` says how
 * it is called there. 0, or -1 with the error text. */
int kept_store(struct recorder *s, const char *path, const struct stat *st, struct mapping *m);
/* Plant traps on instructions with unpredictable results in an executable mapping;
 * the changed bytes go to the event being built. */
void kept_plant_sites(struct recorder *s, struct rtask *t, const struct mapping *m, const char *path,
		      const struct stat *st);

#endif
