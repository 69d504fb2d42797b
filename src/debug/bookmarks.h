/* Places with names, which are kept in a trace's directory: file `bookmarks`, one a line, as
 * NAME POSITION TEXT. */
#ifndef DEBUG_BOOKMARKS_H
#define DEBUG_BOOKMARKS_H

#include "base/mem.h"
#include "replay/position.h"

struct bookmark {
	char *name, *position, *text;
};

typedef VEC(struct bookmark) bookmark_list;

/* All bookmarks of trace `dir`, appended to *l; lines that are none are left out. 0 or -1. */
int bookmarks_load(const char *dir, bookmark_list *l);
void bookmarks_free(bookmark_list *l);
/* Keep one; it takes the place of one with its name. An empty name: one is made up. *name, BOOKMARK_NAME
 * bytes, is what it is called then. 0 or -1. */
int bookmarks_add(const char *dir, char *name, const struct position *p, const char *text);
int bookmarks_remove(const char *dir, const char *name);
/* The position of one. 0 or -1. */
int bookmarks_find(const char *dir, const char *name, struct position *p);

#define BOOKMARK_NAME 64 /* bytes, with the NUL */

#endif
