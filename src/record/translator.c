/* valgrind cannot be recorded: it translates the text that the program maps, and takes the jumps and int3s of
 * instrumented images for the program's. Its tools (memcheck-amd64-linux, ...) are programs without
 * libraries, linked to an address that nothing else uses. exec of one fails, and valgrind says so. */
#include "record/session.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"

#define TOOL_AT 0x58000000ull /* valt_load_address_pri in valgrind's configure.ac */
#define HEADERS_MAX 16

static bool tool_name(const char *path)
{
	const char *name = strrchr(path, '/'), *end;
	name = name ? name + 1 : path;
	end = strstr(name, "-amd64-linux");
	return end && !end[12];
}

static bool linked_there(int fd)
{
	Elf64_Ehdr e;
	Elf64_Phdr p[HEADERS_MAX];
	size_t n = 0;
	if (pread(fd, &e, sizeof(e), 0) != sizeof(e) || memcmp(e.e_ident, ELFMAG, SELFMAG) ||
	    e.e_type != ET_EXEC)
		return false;
	n = e.e_phnum < HEADERS_MAX ? e.e_phnum : HEADERS_MAX;
	if (pread(fd, p, n * sizeof(*p), (off_t)e.e_phoff) != (ssize_t)(n * sizeof(*p)))
		return false;
	for (size_t i = 0; i < n; i++)
		if (p[i].p_type == PT_LOAD)
			return p[i].p_vaddr == TOOL_AT;
	return false;
}

/* The path at `at` in the memory of `t`, as the recorder can open it. */
static bool read_path(const struct rtask *t, uint64_t at, char path[PATH_MAX])
{
	char own[PATH_MAX];
	size_t n = mem_read(t->tid, at, own, sizeof(own));
	if (!memchr(own, 0, n) || !tool_name(own))
		return false;
	return snprintf(path, PATH_MAX, "/proc/%d/%s/%s", t->tid, own[0] == '/' ? "root" : "cwd", own) <
	       PATH_MAX;
}

bool translator_start(struct recorder *s, const struct rtask *t, const struct call *c)
{
	char path[PATH_MAX];
	if (!read_path(t, c->args[c->nr == SYS_execveat], path))
		return false;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool tool = fd >= 0 && linked_there(fd);
	if (fd >= 0)
		close(fd);
	if (tool && !s->warned_translator)
		say("task %d starts valgrind, which cannot be recorded: it would read instructions that the "
		    "recorder "
		    "has changed. Record the program without valgrind; `reprise replay` has watchpoints and "
		    "goes "
		    "backwards. Or run valgrind without the recorder",
		    t->tid);
	s->warned_translator |= tool;
	return tool;
}
