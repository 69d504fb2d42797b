#include "task/changes.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <xxhash.h>

#include "layout.h"
#include "task/checksum.h"

#define PAGE 4096ull

static void print_page(void *ctx, uint64_t addr, const uint8_t *page)
{
	struct snapshot *s = ctx;
	*VEC_PUSH(&s->pages) = (struct page_print){addr, XXH3_64bits(page, PAGE)};
}

/* The runtime's memory is the recorder's affair, and nothing of the program's lies there. */
static void leave_out_runtime(struct space *sp)
{
	space_unmap(sp, RUNTIME_BASE, RUNTIME_END);
}

int snapshot_take(pid_t tid, struct snapshot *out)
{
	memset(out, 0, sizeof(*out));
	if (maps_read(tid, &out->maps))
		return -ESRCH;
	leave_out_runtime(&out->maps);
	int rc = checksum_present(tid, &out->maps, print_page, out);
	if (rc)
		snapshot_free(out);
	return rc;
}

void snapshot_free(struct snapshot *s)
{
	space_clear(&s->maps);
	VEC_FREE(&s->pages);
}

static void add_range(range_list *l, uint64_t addr)
{
	struct range *last = l->n ? &l->at[l->n - 1] : NULL;
	if (last && last->end == addr)
		last->end += PAGE;
	else
		*VEC_PUSH(l) = (struct range){addr, addr + PAGE};
}

/* A stack grows when the kernel writes to it. */
static bool same_mapping(const struct kernel_mapping *a, const struct kernel_mapping *b)
{
	return (a->start == b->start || a->flags & MAPF_GROWSDOWN) && a->end == b->end &&
	       a->prot == b->prot && a->flags == b->flags && a->ino == b->ino && a->dev == b->dev;
}

static bool same_maps(const struct space *a, const struct space *b)
{
	const struct mapping *m = space_first(a), *n = space_first(b);
	while (m && n && same_mapping(&m->recorded, &n->recorded)) {
		m = space_next(a, m);
		n = space_next(b, n);
	}
	return !m && !n;
}

/* A page that is in one list only has been made, or taken away: what was there is not known. */
static void compare(const struct snapshot *a, const struct snapshot *b, range_list *out)
{
	size_t i = 0, j = 0;
	while (i < a->pages.n || j < b->pages.n) {
		const struct page_print *p = i < a->pages.n ? &a->pages.at[i] : NULL;
		const struct page_print *q = j < b->pages.n ? &b->pages.at[j] : NULL;
		if (p && q && p->addr == q->addr) {
			if (p->sum != q->sum)
				add_range(out, p->addr);
			i++;
			j++;
		} else if (p && (!q || p->addr < q->addr)) {
			add_range(out, p->addr);
			i++;
		} else {
			add_range(out, q->addr);
			j++;
		}
	}
}

int snapshot_changes(pid_t tid, const struct snapshot *before, range_list *out)
{
	struct snapshot now;
	int rc = snapshot_take(tid, &now);
	if (rc)
		return rc;
	if (same_maps(&before->maps, &now.maps))
		compare(before, &now, out);
	else
		rc = -EXDEV;
	snapshot_free(&now);
	return rc;
}
