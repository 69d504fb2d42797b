#include "unit.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "rewrite/image.h"
#include "rewrite/sitemap.h"

#define TEXT 0x500000ull
#define AREA 0x900000ull

/* Text of 64 KiB; the instruction at 0x2003 was displaced by the jump at 0x2000. */
static struct image_entry entries[] = {{0x2000, 0x10, 0x2000, 5, 0}, {0x2003, 0x18, 0x2000, 5, 0}};
static const struct image image = {
	.head = {.nsegs = 1,
		 .nentries = 2,
		 .nnear = 2,
		 .area_len = 0x1000,
		 .seg = {{.file_off = 0x1000, .len = 0x10000, .base = 0}}},
	.entries = entries,
};

static void map(struct space *sp, uint64_t start, uint64_t end, uint64_t offset, uint32_t flags)
{
	struct mapping m = {.source = SRC_FILE};
	m.recorded = (struct kernel_mapping){.start = start, .end = end, .offset = offset, .flags = flags};
	space_map(sp, &m);
}

static void bytes_under_a_jump_lead_to_the_stub(void **s)
{
	(void)s;
	struct space sp = {0};
	placed_list l = {0};
	*VEC_PUSH(&l) = (struct placed){&image, TEXT, AREA};
	map(&sp, TEXT, TEXT + 0x10000, 0x1000, MAPF_IMAGE);
	assert_int_equal(placed_to_stub(&l, &sp, TEXT + 0x2003), AREA + 0x18);
	assert_int_equal(placed_to_stub(&l, &sp, TEXT + 0x2004), TEXT + 0x2004);
	assert_int_equal(placed_to_app(&l, AREA + 0x1a), TEXT + 0x2003);
	/* In one of several pieces, as mprotect makes them. */
	space_protect(&sp, TEXT + 0x1000, TEXT + 0x2000, 3);
	assert_int_equal(placed_to_stub(&l, &sp, TEXT + 0x2003), AREA + 0x18);
	space_clear(&sp);
	VEC_FREE(&l);
}

/* The file's first page was mapped alone; where its others would be there is something else. */
static void others_beside_a_part_of_the_text_are_left_alone(void **s)
{
	(void)s;
	struct space sp = {0};
	placed_list l = {0};
	*VEC_PUSH(&l) = (struct placed){&image, TEXT, AREA};
	map(&sp, TEXT, TEXT + 0x1000, 0x1000, MAPF_IMAGE);
	map(&sp, TEXT + 0x2000, TEXT + 0x3000, 0, MAPF_AREA);
	assert_int_equal(placed_to_stub(&l, &sp, TEXT + 0x2003), TEXT + 0x2003);
	/* Nor does another file's text belong to it. */
	*VEC_PUSH(&l) = (struct placed){&image, TEXT + 0x1000, AREA + 0x10000};
	map(&sp, TEXT + 0x2000, TEXT + 0x4000, 0x2000, MAPF_IMAGE);
	assert_int_equal(placed_to_stub(&l, &sp, TEXT + 0x3003), AREA + 0x10018);
	space_clear(&sp);
	VEC_FREE(&l);
}

static int load(uint32_t version, uint32_t layout)
{
	struct image im;
	struct image_header h = {.magic = IMAGE_MAGIC, .version = version, .layout = layout};
	int fd = memfd_create("image", 0);
	assert_int_equal(pwrite(fd, &h, sizeof(h), 0), sizeof(h));
	int rc = image_load(&im, fd, false);
	close(fd);
	return rc;
}

static void an_image_of_another_version_is_told_from_a_damaged_one(void **s)
{
	(void)s;
	assert_int_equal(load(IMAGE_VERSION - 1, 0), -1);
	assert_non_null(strstr(err_msg(), "record again"));
	assert_int_equal(load(IMAGE_VERSION, 0x12345678), -1); /* of another layout of the runtime */
	assert_non_null(strstr(err_msg(), "record again"));
	struct image im;
	int fd = memfd_create("image", 0);
	assert_int_equal(image_load(&im, fd, false), -1);
	assert_non_null(strstr(err_msg(), "damaged"));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_under_a_jump_lead_to_the_stub),
		cmocka_unit_test(an_image_of_another_version_is_told_from_a_damaged_one),
		cmocka_unit_test(others_beside_a_part_of_the_text_are_left_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
