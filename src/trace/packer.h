/* Frames are compressed by threads of their own, and written in the order in which they
 * were handed over. */
#ifndef TRACE_PACKER_H
#define TRACE_PACKER_H

#include "base/buf.h"
#include "trace/format.h"

#define FRAME_TARGET (256u << 10) /* raw bytes at which a frame is closed */

struct packer;

/* Takes over `fd` (opened to append). NULL when no thread can be started (reported). */
struct packer *packer_open(int fd);
/* Takes the events' bytes over from `raw`. Waits while too much is on its way. */
void packer_put(struct packer *p, const struct frame_header *head, struct buf *raw);
/* Room for the events of a frame, in an empty `raw`. */
void packer_room(struct packer *p, struct buf *raw);
/* The errno of the first failure; 0 when there was none. */
int packer_error(struct packer *p);
/* Finish what is on its way, with this thread's help; close. Returns an errno. */
int packer_close(struct packer *p);

#endif
