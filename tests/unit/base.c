#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/ahead.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fds.h"
#include "base/hmap.h"
#include "base/mem.h"

static void integers_survive_a_round_trip(void **s)
{
	(void)s;
	const uint64_t u[] = {0, 1, 127, 128, 300, 1ull << 32, UINT64_MAX};
	const int64_t i[] = {0, -1, 1, INT64_MIN, INT64_MAX, -4096};
	struct buf b = {0};
	for (size_t k = 0; k < ARRAY_LEN(u); k++)
		buf_u64(&b, u[k]);
	for (size_t k = 0; k < ARRAY_LEN(i); k++)
		buf_s64(&b, i[k]);
	struct rd r = rd_make(b.data, b.len);
	for (size_t k = 0; k < ARRAY_LEN(u); k++)
		assert_int_equal(rd_u64(&r), u[k]);
	for (size_t k = 0; k < ARRAY_LEN(i); k++)
		assert_int_equal(rd_s64(&r), i[k]);
	assert_false(r.bad);
	assert_ptr_equal(r.p, r.end);
	buf_free(&b);
}

static void reading_past_the_end_is_bad_and_stays_bad(void **s)
{
	(void)s;
	const uint8_t cut[] = {0x80, 0x80};
	struct rd r = rd_make(cut, sizeof(cut));
	assert_int_equal(rd_u64(&r), 0);
	assert_true(r.bad);
	assert_int_equal(rd_u8(&r), 0);
	assert_null(rd_raw(&r, 1));
}

static void overlong_varint_is_bad(void **s)
{
	(void)s;
	uint8_t ff[11];
	memset(ff, 0xff, sizeof(ff));
	struct rd r = rd_make(ff, sizeof(ff));
	rd_u64(&r);
	assert_true(r.bad);
}

static void string_longer_than_its_place_is_bad(void **s)
{
	(void)s;
	struct buf b = {0};
	char out[4];
	buf_str(&b, "abcd");
	struct rd r = rd_make(b.data, b.len);
	rd_str(&r, out, sizeof(out));
	assert_true(r.bad);
	assert_string_equal(out, "");
	buf_free(&b);
}

static void map_finds_what_was_set_and_not_what_was_deleted(void **s)
{
	(void)s;
	struct hmap m = {0};
	static int v[5000];
	for (uint64_t i = 0; i < 5000; i++)
		hmap_set(&m, i * 4096, &v[i]);
	for (uint64_t i = 0; i < 5000; i += 2)
		assert_ptr_equal(hmap_del(&m, i * 4096), &v[i]);
	for (uint64_t i = 0; i < 5000; i++)
		assert_ptr_equal(hmap_get(&m, i * 4096), i & 1 ? &v[i] : NULL);
	size_t i = 0, n = 0;
	while (hmap_next(&m, &i))
		n++;
	assert_int_equal(n, 2500);
	assert_int_equal(m.n, 2500);
	hmap_free(&m);
}

static void context_is_put_before_the_reason(void **s)
{
	(void)s;
	err_set("disk %s", "full");
	err_add("writing");
	assert_string_equal(err_msg(), "writing: disk full");
}

struct order {
	size_t done[500], waited;
	_Atomic int calls;
	bool too_far;
};

static void one_part(void *ctx, size_t part)
{
	struct order *o = ctx;
	o->too_far |= part >= __atomic_load_n(&o->waited, __ATOMIC_RELAXED) + 8;
	o->calls++;
	o->done[part] = part + 1;
}

static void ahead_does_each_part_once_before_it_is_waited_for(void **state)
{
	(void)state;
	cpu_set_t many;
	CPU_ZERO(&many);
	for (int i = 0; i < 4; i++)
		CPU_SET(i, &many);
	for (int threads = 0; threads < 2; threads++) {
		struct order o = {0};
		struct ahead *a = ahead_start(500, 8, one_part, &o, threads ? &many : NULL);
		for (size_t i = 0; i < 500; i++) {
			__atomic_store_n(&o.waited, i, __ATOMIC_RELAXED);
			ahead_wait(a, i);
			assert_int_equal(o.done[i], i + 1);
		}
		ahead_end(a);
		assert_int_equal(o.calls, 500);
		assert_false(o.too_far);
	}
}

/* Descriptors that the process has. */
static unsigned descriptors(void)
{
	unsigned n = 0;
	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void the_descriptors_used_last_stay_open(void **s)
{
	(void)s;
	struct fd_cache c = {0};
	unsigned before = descriptors();
	for (uint64_t key = 0; key < 300; key++) {
		assert_int_equal(fd_cache_get(&c, key), -1);
		fd_cache_put(&c, key, open("/dev/null", O_RDONLY | O_CLOEXEC));
		assert_true(fd_cache_get(&c, 0) >= 0); /* used all the time */
		assert_true(fd_cache_get(&c, key) >= 0);
	}
	assert_int_equal(descriptors(), before + FD_CACHE);
	assert_int_equal(fd_cache_get(&c, 100), -1);
	assert_true(fcntl(fd_cache_get(&c, 299), F_GETFD) >= 0);
	fd_cache_close(&c);
	assert_int_equal(descriptors(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ahead_does_each_part_once_before_it_is_waited_for),
		cmocka_unit_test(integers_survive_a_round_trip),
		cmocka_unit_test(reading_past_the_end_is_bad_and_stays_bad),
		cmocka_unit_test(overlong_varint_is_bad),
		cmocka_unit_test(string_longer_than_its_place_is_bad),
		cmocka_unit_test(map_finds_what_was_set_and_not_what_was_deleted),
		cmocka_unit_test(context_is_put_before_the_reason),
		cmocka_unit_test(the_descriptors_used_last_stay_open),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
