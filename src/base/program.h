/* Programs by name. */
#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

/* The file that a shell would run for `name`, or NULL. The caller's, to free. */
char *program_find(const char *name);

#endif
