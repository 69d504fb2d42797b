#include "unit.h"

#include <fcntl.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "interpose/chain.h"
#include "rewrite/sites.h"
#include "task/mapping.h"
#include "task/vdso.h"

static struct mapping anon(uint64_t start, uint64_t end, uint32_t prot)
{
	return (struct mapping){.recorded = {.start = start, .end = end, .prot = prot, .flags = MAPF_ANON}};
}

static void mapping_over_mappings_splits_them(void **s)
{
	(void)s;
	struct space sp = {0};
	struct mapping a = anon(0x1000, 0x9000, 3), b = anon(0x3000, 0x5000, 1);
	space_map(&sp, &a);
	space_map(&sp, &b);
	assert_int_equal(space_count(&sp), 3);
	assert_int_equal(space_find(&sp, 0x2fff)->recorded.end, 0x3000);
	assert_int_equal(space_find(&sp, 0x3000)->recorded.prot, 1);
	assert_int_equal(space_find(&sp, 0x5000)->recorded.start, 0x5000);
	space_unmap(&sp, 0x2000, 0x6000);
	assert_null(space_find(&sp, 0x4000));
	assert_int_equal(space_from(&sp, 0x4000)->recorded.start, 0x6000);
	space_clear(&sp);
}

static void file_offsets_follow_splits(void **s)
{
	(void)s;
	struct space sp = {0};
	struct mapping f = {.recorded = {.start = 0x10000, .end = 0x20000, .offset = 0x4000}, .source = SRC_FILE};
	space_map(&sp, &f);
	space_protect(&sp, 0x12000, 0x13000, 7);
	assert_int_equal(space_find(&sp, 0x12000)->recorded.offset, 0x6000);
	assert_int_equal(space_find(&sp, 0x13000)->recorded.offset, 0x7000);
	assert_int_equal(space_find(&sp, 0x13000)->recorded.prot, 0);
	space_clear(&sp);
}

static void anonymous_neighbours_merge(void **s)
{
	(void)s;
	struct space sp = {0};
	struct mapping a = anon(0x1000, 0x2000, 3), b = anon(0x2000, 0x3000, 3);
	space_map(&sp, &a);
	space_map(&sp, &b);
	assert_int_equal(space_count(&sp), 1);
	assert_int_equal(space_first(&sp)->recorded.end, 0x3000);
	space_clear(&sp);
}

/* What each page of a small address space is, kept in the plainest way, as the space's own answer. */
#define PAGES 4096
static void thousands_of_changes_leave_what_a_page_table_says(void **s)
{
	(void)s;
	static uint64_t object[PAGES]; /* 0: nothing is mapped */
	struct map_counts counts = {0};
	struct space sp = {.counts = &counts}, copy = {.counts = &counts};
	uint64_t rnd = 1, mappings = 0;
	memset(object, 0, sizeof(object));
	for (uint64_t i = 1; i <= 20000; i++) {
		rnd = rnd * 6364136223846793005ull + 1442695040888963407ull;
		uint64_t start = rnd >> 52, len = 1 + (rnd >> 40) % 8 + (i % 1000 ? 0 : 2000);
		uint64_t end = start + len < PAGES ? start + len : PAGES;
		bool unmap = rnd >> 30 & 1;
		struct mapping m = {.recorded = {.start = start * 4096, .end = end * 4096},
				    .source = SRC_OBJECT,
				    .object = i};
		if (unmap)
			space_unmap(&sp, start * 4096, end * 4096);
		else
			space_map(&sp, &m);
		for (uint64_t p = start; p < end; p++)
			object[p] = unmap ? 0 : i;
	}
	for (uint64_t p = 0; p < PAGES; p++) {
		const struct mapping *m = space_find(&sp, p * 4096);
		assert_int_equal(m ? m->object : 0, object[p]);
		mappings += object[p] && (!p || object[p - 1] != object[p]);
	}
	uint64_t walked = 0, last = 0;
	for (const struct mapping *m = space_first(&sp); m; m = space_next(&sp, m), walked++) {
		assert_true(m->recorded.start >= last && counts_object(&counts, m->object) >= 1);
		last = m->recorded.end;
	}
	assert_int_equal(walked, mappings);
	assert_int_equal(space_count(&sp), mappings);
	space_copy(&copy, &sp);
	assert_int_equal(counts_object(&counts, space_first(&sp)->object) % 2, 0);
	space_unmap(&sp, 0, PAGES * 4096);
	assert_null(space_first(&sp));
	space_clear(&copy);
	assert_int_equal(counts.objects.n, 0);
	hmap_free(&counts.objects);
	space_clear(&sp);
}

static void moving_takes_the_mapping_along(void **s)
{
	(void)s;
	struct space sp = {0};
	struct mapping a = anon(0x10000, 0x20000, 3);
	space_map(&sp, &a);
	space_move(&sp, 0x11000, 0x1000, 0x90000, 0x3000, false);
	assert_null(space_find(&sp, 0x11000));
	assert_int_equal(space_find(&sp, 0x92fff)->recorded.start, 0x90000);
	assert_non_null(space_find(&sp, 0x12000));
	space_clear(&sp);
}

static void own_maps_are_read(void **s)
{
	(void)s;
	struct space sp = {0};
	assert_int_equal(maps_read(getpid(), &sp), 0);
	struct mapping *m = space_find(&sp, (uint64_t)&sp);
	assert_non_null(m);
	assert_string_equal(m->recorded.name, "[stack]");
	assert_true(m->recorded.flags & MAPF_GROWSDOWN);
	m = space_find(&sp, (uint64_t)own_maps_are_read);
	assert_true(m->recorded.prot & PROT_EXEC && m->recorded.ino);
	space_clear(&sp);
}

static void the_vdso_makes_calls_once_patched(void **s)
{
	(void)s;
	const uint8_t *vdso = (const uint8_t *)getauxval(AT_SYSINFO_EHDR);
	static uint8_t copy[8192];
	struct space sp = {0};
	if (!vdso)
		return;
	assert_int_equal(maps_read(getpid(), &sp), 0);
	size_t size = space_find(&sp, (uint64_t)vdso)->recorded.end - (uint64_t)vdso;
	space_clear(&sp);
	size = size < sizeof(copy) ? size : sizeof(copy);
	memcpy(copy, vdso, size);
	assert_int_not_equal(vdso_find_syscall(copy, size), 0);
	vdso_patch(copy, size);
	const uint8_t want[] = {0xb8, 228, 0, 0, 0, 0x48, 0x8d, 0x0d}; /* clock_gettime, then the stub */
	assert_non_null(memmem(copy, size, want, sizeof(want)));
	vdso_patch(copy, 10); /* too short to be an image: left alone */
}

static int trap_cpuid(void)
{
	unsigned a = 0, b, c = 0, d;
	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return (int)(a + b + c + d);
}

static void unpredictable_instructions_are_found_in_code_only(void **s)
{
	(void)s;
	/* Bytes that look like cpuid inside another instruction are not one. */
	__asm__ volatile("mov $0x0000a20f, %%eax" : : : "eax");
	trap_cpuid();
	site_list l = {0};
	int fd = open("/proc/self/exe", O_RDONLY), cpuids = 0;
	sites_find(fd, &l);
	for (size_t i = 0; i < l.n; i++) {
		uint8_t op[2];
		assert_int_equal(pread(fd, op, 2, (off_t)l.at[i].offset), 2);
		cpuids += l.at[i].kind == SITE_CPUID;
		assert_int_equal(op[0], 0x0f);
	}
	assert_true(cpuids >= 1);
	VEC_FREE(&l);
	close(fd);
}

static enum disposition skips(struct module *m, struct call *c)
{
	(void)m;
	c->result = -38;
	return DISP_SKIP;
}

static enum disposition wants_exit(struct module *m, struct call *c)
{
	(void)m, (void)c;
	return DISP_CALL_EXIT;
}

static void the_chain_asks_only_who_wants_and_the_first_skip_wins(void **s)
{
	(void)s;
	struct module b = {.name = "b", .start = skips}, a = {.name = "a", .start = wants_exit, .next = &b};
	struct call c = {.nr = 5};
	assert_int_equal(chain_start(&a, &c), DISP_CALL);
	mask_add(&a.wants, 5);
	assert_int_equal(chain_start(&a, &c), DISP_CALL_EXIT);
	mask_add(&b.wants, 5);
	assert_int_equal(chain_start(&a, &c), DISP_SKIP);
	assert_int_equal(c.result, -38);
	assert_false(mask_has(&a.wants, 100000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mapping_over_mappings_splits_them),
		cmocka_unit_test(file_offsets_follow_splits),
		cmocka_unit_test(anonymous_neighbours_merge),
		cmocka_unit_test(thousands_of_changes_leave_what_a_page_table_says),
		cmocka_unit_test(moving_takes_the_mapping_along),
		cmocka_unit_test(own_maps_are_read),
		cmocka_unit_test(the_vdso_makes_calls_once_patched),
		cmocka_unit_test(unpredictable_instructions_are_found_in_code_only),
		cmocka_unit_test(the_chain_asks_only_who_wants_and_the_first_skip_wins),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
