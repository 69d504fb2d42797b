/* Addresses of the program and of stubs, both ways: the one place that translates. */
#ifndef REWRITE_SITEMAP_H
#define REWRITE_SITEMAP_H

#include "rewrite/image.h"
#include "task/mapping.h"

/* An image in an address space. */
struct placed {
	const struct image *im; /* not owned */
	uint64_t text;		/* address of its first segment */
	uint64_t area;
};

typedef VEC(struct placed) placed_list;

/* The image whose area contains `ip`, or NULL. */
const struct placed *placed_area(const placed_list *l, uint64_t ip);
/* Does the mapping show a part of the image's text? */
bool placed_shows(const struct placed *p, const struct kernel_mapping *k);
/* The program's address that a stub address stands for; any other address: itself. */
uint64_t placed_to_app(const placed_list *l, uint64_t ip);
/* Where the program goes on if it comes to an address that a jump covers (not its first
 * byte, which is the jump); any other address: itself. The space tells where which text is:
 * programs map parts of files, and other things beside them (node copies its builtins). */
uint64_t placed_to_stub(const placed_list *l, const struct space *sp, uint64_t ip);

#endif
