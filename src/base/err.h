/* Errors: a function that fails returns -1 (or a negative errno) after it has
 * said why with err_set(); whoever ends the work prints err_msg() once. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/* Remember the reason of a failure (per thread, at most 1023 bytes). Returns -1. */
int err_set(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Like err_set, with ": " and the text of errno value `e` appended. Returns -1. */
int err_sys(int e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Put context before the remembered reason: "context: reason". Returns -1. */
int err_add(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The remembered reason; never NULL. Owned by this module. */
const char *err_msg(void);
/* Print "reprise: ..." as one line on stderr. */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
