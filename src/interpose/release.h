/* Letting tasks go. */
#ifndef INTERPOSE_RELEASE_H
#define INTERPOSE_RELEASE_H

#include "interpose/loop.h"

/* Let attached tasks go on as without us, signals that are due delivered; kill the others. Modules hear of
 * the deaths. */
void release_all(struct loop *l);

#endif
