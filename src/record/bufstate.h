/* The pages that the recorder shares with the runtime in a tracee. */
#ifndef RECORD_BUFSTATE_H
#define RECORD_BUFSTATE_H

#include "layout.h"
#include "record/session.h"

#define AT(buf, addr) ((buf)->base + ((addr)-RUNTIME_DATA))

/* Pages that no address space has any more: they are kept for the next one. */
void buffer_pages_put(struct recorder *s, struct pages *b);
/* Put the calls in the buffer on record. `station`: the owner is at a station that the runtime reports, so no
 * other event follows them. */
void buffer_drain_at(struct recorder *s, struct rmm *mm, bool station);

#endif
