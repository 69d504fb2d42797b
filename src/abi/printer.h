/* What the files that print families of structures share. */
#ifndef ABI_PRINTER_H
#define ABI_PRINTER_H

#include "abi/names.h"
#include "abi/print.h"
#include "abi/sysrow.h"
#include "abi/types.h"

/* One memory argument. */
struct shown {
	struct printed_call *c;
	struct buf *b;
	uint64_t addr;
	bool out; /* the call wrote it */
	size_t n; /* bytes that count, at most: elements times their size */
	int arg;
};

size_t printer_read(const struct printed_call *c, uint64_t addr, bool out, void *to, size_t n);
void print_addr(struct buf *b, uint64_t addr);
/* Names of flags ("A|B|0x8"), or of one value. */
void print_flags(struct buf *b, const struct name_table *t, uint64_t v);
/* One name, or `otherwise` (a printf format for one unsigned long long). */
void print_named(struct buf *b, const struct name_table *t, uint64_t v, const char *otherwise);
/* A plain value of `type` (enum abi_type). */
void print_value(struct printed_call *c, struct buf *b, int type, uint64_t v);
void print_fd(struct printed_call *c, struct buf *b, int fd);
/* `n` bytes in quotes; `more`: "..." behind. `hex`: as \x.. if any byte is not text. */
void print_quoted(struct buf *b, const uint8_t *p, size_t n, bool more, bool hex);
/* A string of the caller, up to its NUL: a path shows whole, other text as much as options say. */
void print_string(struct printed_call *c, struct buf *b, uint64_t addr, bool path);
/* `n` bytes at `addr`; `hex`: as \x.. whatever they are. */
void print_bytes(struct printed_call *c, struct buf *b, uint64_t addr, bool out, uint64_t n, bool hex);
void print_iov(struct printed_call *c, struct buf *b, uint64_t addr, uint64_t count, bool out,
	       uint64_t limit);
/* The date as a comment, behind a time since 1970; nothing of 0. */
void print_date(struct buf *b, int64_t sec, uint64_t nsec);
void print_sigset(struct buf *b, uint64_t set);

/* Each prints the structures of its family, where it knows the type and can read the memory: then true. */
bool print_file_struct(struct shown *s, int type);
bool print_time_struct(struct shown *s, int type);
bool print_signal_struct(struct shown *s, int type);
bool print_net_struct(struct shown *s, int type);
bool print_process_struct(struct shown *s, int type);
bool print_poll_struct(struct shown *s, int type);
bool print_kernel_struct(struct shown *s, int type);

/* Arguments that a row cannot say: print argument c->at, or several, and go on behind (c->at, 6 where
 * there are no more). SPECIAL_LATER: the exit tells. */
enum special { NOT_SPECIAL, SPECIAL_DONE, SPECIAL_LATER };
enum special print_special(struct printed_call *c, struct buf *b);
/* The same of keyctl. */
enum special print_keyctl(struct printed_call *c, struct buf *b);
/* The number of a key. */
void print_key(struct buf *b, uint64_t v);
/* A struct termios of the kernel. */
void print_termios(struct printed_call *c, struct buf *b, uint64_t addr, bool out);
/* Behind the result: "([{fd=3, revents=POLLIN}])". */
void print_poll_result(struct printed_call *c, struct buf *b);
void print_msghdr(struct printed_call *c, struct buf *b, uint64_t addr, bool out, uint64_t limit);
void print_sockaddr(struct buf *b, const uint8_t *p, size_t n);
/* ", " between arguments, and their ends. Call it before each. */
void print_sep(struct printed_call *c, struct buf *b);
void print_mode(struct buf *b, uint32_t mode, bool type);
void print_timespec(struct printed_call *c, struct buf *b, uint64_t addr, bool out);

#endif
