#include "tracer/stack.h"

#include <elfutils/libdwfl.h>
#include <gelf.h>

#include "abi/print.h"

#define DEPTH 256 /* frames that are shown, as strace does */

/* Unwinding needs the files themselves only. Names of functions come from their symbol tables: no search for
 * debug files elsewhere, which might lead to the network. */
static int no_debug_file(Dwfl_Module *m, void **data, const char *name, Dwarf_Addr base, const char *file,
			 const char *link, GElf_Word crc, char **found)
{
	(void)m, (void)data, (void)name, (void)base, (void)file, (void)link, (void)crc, (void)found;
	return -1;
}

static const Dwfl_Callbacks callbacks = {.find_elf = dwfl_linux_proc_find_elf,
					 .find_debuginfo = no_debug_file};

/* Its mappings as they are now; files that stay mapped are kept. */
static Dwfl *process(struct stacks *s, pid_t pid)
{
	Dwfl *d = hmap_get(&s->of, (uint64_t)pid);
	bool first = !d;
	if (first)
		d = dwfl_begin(&callbacks);
	if (!d)
		return NULL;
	if (first)
		hmap_set(&s->of, (uint64_t)pid, d);
	dwfl_report_begin(d);
	dwfl_linux_proc_report(d, pid);
	dwfl_report_end(d, NULL, NULL);
	if (first && dwfl_linux_proc_attach(d, pid, true)) {
		stack_forget(s, pid);
		return NULL;
	}
	return d;
}

/* Where the address stands in the file that is mapped there. */
static uint64_t place(Dwfl_Module *m, Dwarf_Addr pc)
{
	GElf_Addr bias;
	GElf_Phdr h;
	size_t n;
	Elf *e = dwfl_module_getelf(m, &bias);
	if (!e || elf_getphdrnum(e, &n))
		return pc;
	for (size_t i = 0; i < n; i++) {
		uint64_t at = pc - bias;
		if (gelf_getphdr(e, (int)i, &h) && h.p_type == PT_LOAD && at >= h.p_vaddr &&
		    at - h.p_vaddr < h.p_memsz)
			return at - h.p_vaddr + h.p_offset;
	}
	return pc;
}

struct walk {
	struct buf *b;
	unsigned n;
};

static int frame(Dwfl_Frame *f, void *arg)
{
	struct walk *w = arg;
	Dwarf_Addr pc;
	GElf_Off offset;
	GElf_Sym sym;
	bool exact; /* the next instruction stands there; else the one behind a call */
	if (!dwfl_frame_pc(f, &pc, &exact) || w->n++ == DEPTH)
		return DWARF_CB_ABORT;
	Dwfl_Module *m = dwfl_addrmodule(dwfl_thread_dwfl(dwfl_frame_thread(f)), pc);
	if (!m) {
		print_text(w->b, " > unexpected_backtracing_error [%#llx]\n", (unsigned long long)pc);
		return DWARF_CB_ABORT;
	}
	const char *name = dwfl_module_addrinfo(m, exact ? pc : pc - 1, &offset, &sym, NULL, NULL, NULL);
	print_text(w->b, " > %s(", dwfl_module_info(m, NULL, NULL, NULL, NULL, NULL, NULL, NULL));
	if (name)
		print_text(w->b, "%s+%#llx", name, (unsigned long long)(offset + !exact));
	print_text(w->b, ") [%#llx]\n", (unsigned long long)place(m, pc));
	return DWARF_CB_OK;
}

void stack_text(struct stacks *s, pid_t pid, pid_t tid, struct buf *b)
{
	struct walk w = {b, 0};
	Dwfl *d = process(s, pid);
	if (d)
		dwfl_getthread_frames(d, tid, frame, &w);
}

void stack_forget(struct stacks *s, pid_t pid)
{
	Dwfl *d = hmap_del(&s->of, (uint64_t)pid);
	if (d)
		dwfl_end(d);
}

void stack_free(struct stacks *s)
{
	size_t i = 0;
	Dwfl *d;
	while ((d = hmap_next(&s->of, &i)))
		dwfl_end(d);
	hmap_free(&s->of);
}
