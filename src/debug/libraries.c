/* The program's file and its shared libraries, as its dynamic linker lists them, with names under which the
 * client finds what was recorded. */
#include "debug/session.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/store.h"

#define LIBRARIES_MAX 10000 /* a damaged list may have no end */
#define NAME_SIZE 4096

static bool get(struct session *s, uint64_t addr, void *out, size_t n)
{
	return addr && replay_read(s->r, s->general, addr, out, n) == n;
}

static void get_string(struct session *s, uint64_t addr, char out[NAME_SIZE])
{
	size_t n = addr ? replay_read(s->r, s->general, addr, out, NAME_SIZE - 1) : 0;
	out[n] = 0;
}

static const struct mapping *mapping_at(struct session *s, uint64_t addr)
{
	const struct space *space = replay_space(s->r, s->general);
	const struct mapping *m = space ? space_find(space, addr) : NULL;
	return m && m->source == SRC_FILE ? m : NULL;
}

static uint64_t aux(const struct task_view *v, uint64_t type)
{
	Elf64_auxv_t a;
	for (size_t i = 0; i + sizeof(a) <= v->auxv_len; i += sizeof(a)) {
		memcpy(&a, v->auxv + i, sizeof(a));
		if (a.a_type == type)
			return a.a_un.a_val;
	}
	return 0;
}

/* The program header of this type, and by how much the program was moved. */
static bool find_header(struct session *s, const struct task_view *v, uint32_t type, Elf64_Phdr *out,
			uint64_t *moved)
{
	uint64_t at = aux(v, AT_PHDR), n = aux(v, AT_PHNUM);
	Elf64_Phdr h;
	bool found = false;
	*moved = 0;
	for (uint64_t i = 0; i < n && get(s, at + i * sizeof(h), &h, sizeof(h)); i++) {
		if (h.p_type == PT_PHDR)
			*moved = at - h.p_vaddr;
		if (h.p_type == type && !found) {
			*out = h;
			found = true;
		}
	}
	return found;
}

/* --- names --- */

/* Does the file `name` of this machine hold what the mapping showed? */
static bool is_same(struct session *s, const struct mapping *m, const char *name)
{
	const char *want = m->original[0] ? m->original : m->hash;
	char is[36] = "";
	struct stat st;
	for (size_t i = 0; i < s->known.n; i++) {
		const struct known_file *k = &s->known.at[i];
		if (!strcmp(k->hash, want) && !strcmp(k->name, name))
			return k->same;
	}
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool same = fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) &&
		    !store_hash(fd, (uint64_t)st.st_size, is) && !strcmp(is, want);
	if (fd >= 0)
		close(fd);
	struct known_file *k = VEC_PUSH(&s->known);
	*k = (struct known_file){.name = xstrdup(name), .same = same};
	snprintf(k->hash, sizeof(k->hash), "%s", want);
	return same;
}

void libraries_free(struct session *s)
{
	for (size_t i = 0; i < s->known.n; i++)
		free(s->known.at[i].name);
	VEC_FREE(&s->known);
}

/* lldb opens files by itself: the name of the trace's copy. */
static bool put_copy(struct session *s, const struct mapping *m)
{
	char link[64], name[NAME_SIZE];
	int fd = replay_file(s->r, s->general, m->recorded.name);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = fd < 0 ? -1 : readlink(link, name, sizeof(name) - 1);
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return false;
	name[n] = 0;
	xml_text(&s->xfer, name);
	return true;
}

/* The name for the file of a mapping that the program calls `asked`: where this machine has other content
 * under that name, the name that vFile has for the recorded one. */
static void put_name(struct session *s, const struct mapping *m, const char *asked)
{
	bool file = m && m->recorded.name[0] == '/'; /* not the vdso */
	if (file && asked[0] != '/')
		asked = m->recorded.name;
	bool same = !file || is_same(s, m, asked);
	if (!same && s->lldb && put_copy(s, m))
		return;
	if (!same && s->local_files)
		put_text(&s->xfer, "target:");
	xml_text(&s->xfer, same ? asked : m->recorded.name);
}

bool libraries_same(struct session *s)
{
	struct task_view v;
	Elf64_Phdr interp;
	uint64_t moved;
	char name[NAME_SIZE];
	if (!replay_task_view(s->r, s->general, &v))
		return false;
	const struct mapping *m = mapping_at(s, aux(&v, AT_PHDR)), *ld = mapping_at(s, aux(&v, AT_BASE));
	if (!m || !is_same(s, m, v.exe))
		return false;
	if (!find_header(s, &v, PT_INTERP, &interp, &moved))
		return true;
	get_string(s, interp.p_vaddr + moved, name);
	return ld && is_same(s, ld, name);
}

void make_exec_file(struct session *s)
{
	struct task_view v;
	if (replay_task_view(s->r, s->general, &v))
		put_name(s, mapping_at(s, aux(&v, AT_PHDR)), v.exe);
}

/* --- the dynamic linker's list --- */

uint64_t libraries_word(struct session *s)
{
	struct task_view v;
	Elf64_Phdr dynamic;
	Elf64_Dyn d;
	uint64_t moved;
	if (!replay_task_view(s->r, s->general, &v) || !find_header(s, &v, PT_DYNAMIC, &dynamic, &moved))
		return 0;
	for (uint64_t off = 0; off + sizeof(d) <= dynamic.p_memsz; off += sizeof(d)) {
		if (!get(s, dynamic.p_vaddr + moved + off, &d, sizeof(d)) || d.d_tag == DT_NULL)
			return 0;
		if (d.d_tag == DT_DEBUG)
			return dynamic.p_vaddr + moved + off + offsetof(Elf64_Dyn, d_un);
	}
	return 0;
}

/* Where the dynamic linker says what it has loaded; 0: it has not begun, or the program is static. */
static uint64_t find_list(struct session *s)
{
	uint64_t at;
	return get(s, libraries_word(s), &at, sizeof(at)) ? at : 0;
}

static void put_library(struct session *s, uint64_t space, uint64_t at, const struct link_map *l)
{
	char name[NAME_SIZE];
	get_string(s, (uint64_t)l->l_name, name);
	if (!name[0]) /* the vdso */
		return;
	put_text(&s->xfer, "<library name=\"");
	put_name(s, mapping_at(s, (uint64_t)l->l_ld), name);
	put_fmt(&s->xfer, "\" lm=\"0x%llx\" l_addr=\"0x%llx\" l_ld=\"0x%llx\" lmid=\"0x%llx\"/>",
		(unsigned long long)at, (unsigned long long)l->l_addr, (unsigned long long)l->l_ld,
		(unsigned long long)space);
}

/* The libraries of one name space (dlmopen). The first one of the first is the program. */
static void put_space(struct session *s, uint64_t space, uint64_t at, bool first)
{
	struct link_map l;
	for (unsigned n = 0; n < LIBRARIES_MAX && get(s, at, &l, sizeof(l)); n++) {
		if (n || !first)
			put_library(s, space, at, &l);
		at = (uint64_t)l.l_next;
	}
}

/* lldb learns of the program from the same list; it takes the first one for it. */
static void put_program(struct session *s, uint64_t lm)
{
	struct task_view v;
	Elf64_Phdr dynamic = {0};
	uint64_t moved;
	if (!replay_task_view(s->r, s->general, &v))
		return;
	find_header(s, &v, PT_DYNAMIC, &dynamic, &moved);
	put_text(&s->xfer, "<library name=\"");
	put_name(s, mapping_at(s, aux(&v, AT_PHDR)), v.exe);
	put_fmt(&s->xfer, "\" lm=\"0x%llx\" l_addr=\"0x%llx\" l_ld=\"0x%llx\"/>", (unsigned long long)lm,
		(unsigned long long)moved, (unsigned long long)(dynamic.p_vaddr + moved));
}

/* Where the dynamic section of the dynamic linker is, which is mapped at `base`; 0: nowhere. */
static uint64_t interpreter_dynamic(struct session *s, uint64_t base)
{
	Elf64_Ehdr e;
	Elf64_Phdr p;
	if (!base || !get(s, base, &e, sizeof(e)))
		return 0;
	for (unsigned i = 0; i < e.e_phnum && get(s, base + e.e_phoff + i * sizeof(p), &p, sizeof(p)); i++) {
		if (p.p_type == PT_DYNAMIC)
			return base + p.p_vaddr;
	}
	return 0;
}

/* The dynamic linker before it has made its list: the program begins in it. */
static void put_interpreter(struct session *s)
{
	struct task_view v;
	Elf64_Phdr interp;
	uint64_t moved;
	if (!replay_task_view(s->r, s->general, &v) || !find_header(s, &v, PT_INTERP, &interp, &moved))
		return;
	uint64_t base = aux(&v, AT_BASE);
	struct link_map l = {.l_addr = base,
			     .l_name = (char *)(interp.p_vaddr + moved),
			     .l_ld = (Elf64_Dyn *)interpreter_dynamic(s, base)};
	if (l.l_ld)
		put_library(s, 0, base, &l);
}

void make_libraries(struct session *s)
{
	struct r_debug_extended d = {0};
	uint64_t at = find_list(s);
	bool any = get(s, at, &d.base, sizeof(d.base)) && d.base.r_map;
	put_text(&s->xfer, "<library-list-svr4 version=\"1.0\"");
	if (any)
		put_fmt(&s->xfer, " main-lm=\"0x%llx\"", (unsigned long long)d.base.r_map);
	put_text(&s->xfer, ">");
	if (s->lldb)
		put_program(s, (uint64_t)d.base.r_map);
	if (!any)
		put_interpreter(s);
	for (unsigned n = 0; any && n < LIBRARIES_MAX && get(s, at, &d.base, sizeof(d.base)); n++) {
		put_space(s, at, (uint64_t)d.base.r_map, !n);
		any = d.base.r_version > 1 && get(s, at, &d, sizeof(d));
		at = any ? (uint64_t)d.r_next : 0;
	}
	put_text(&s->xfer, "</library-list-svr4>");
}
