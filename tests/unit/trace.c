#include "unit.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "trace/event.h"
#include "trace/meta.h"
#include "trace/reader.h"
#include "trace/store.h"
#include "trace/writer.h"

static char dir[64];

static int setup(void **s)
{
	(void)s;
	snprintf(dir, sizeof(dir), "/tmp/reprise-unit-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **s)
{
	(void)s;
	return rm_r(dir);
}

static void write_events(int n, int groups)
{
	struct trace_writer *w = writer_open(dir, "{}");
	assert_non_null(w);
	for (int i = 0; i < n; i++) {
		struct event ev = {.kind = EV_SYSCALL, .flags = EVF_REGS, .tid = 100 + i % 7, .code = i};
		char data[64];
		ev.group = (uint32_t)(i * 7919 % groups);
		ev.regs.rax = (uint64_t)i * 3;
		ev.regs.rip = 0x7f0000000000 - (uint64_t)i;
		memset(data, i, sizeof(data));
		event_chunk(&ev, CH_OUT, 0x1000 + (uint64_t)i, data, sizeof(data));
		struct ev_op *op = event_op(&ev, OP_MAP);
		op->map.recorded = (struct kernel_mapping){.start = 4096, .end = 8192, .name = "file"};
		writer_put(w, &ev);
		event_free(&ev);
	}
	struct event end = {.kind = EV_END};
	writer_put(w, &end);
	assert_int_equal(writer_close(w), 0);
}

static void check_events(int n)
{
	struct trace_reader *r = reader_open(dir);
	struct event *ev;
	assert_non_null(r);
	for (int i = 0; i < n; i++) {
		assert_int_equal(reader_next(r, &ev), 1);
		assert_int_equal(ev->seq, i + 1);
		assert_int_equal(ev->code, i);
		assert_int_equal(ev->tid, 100 + i % 7);
		assert_int_equal(ev->regs.rax, (uint64_t)i * 3);
		assert_int_equal(ev->regs.rip, 0x7f0000000000 - (uint64_t)i);
		assert_int_equal(ev->chunks.at[0].data[63], i & 0xff);
		assert_string_equal(ev->ops.at[0].map.recorded.name, "file");
	}
	assert_int_equal(reader_next(r, &ev), 1);
	assert_int_equal(reader_next(r, &ev), 0);
	assert_false(reader_cut(r));
	reader_close(r);
}

static void events_of_many_groups_come_back_in_global_order(void **s)
{
	(void)s;
	write_events(20000, 9);
	check_events(20000);
}

/* Bytes that are allocated; under the sanitizers, whose allocator does not tell, 0. */
static size_t allocated(void)
{
	return mallinfo2().uordblks;
}

/* A group a process, each of them over after its only event, as in a long recording. */
static void groups_that_are_over_take_no_memory(void **s)
{
	(void)s;
	const size_t n = 4000, each = 200; /* bytes; a cursor that is open takes more */
	struct trace_writer *w = writer_open(dir, "{}");
	struct event *ev;
	size_t before = 0;
	assert_non_null(w);
	for (size_t i = 0; i < n; i++) {
		struct event one = {.kind = EV_SYSCALL, .flags = EVF_REGS, .tid = 1, .group = (uint32_t)i};
		writer_put(w, &one);
		if (i % 100 == 99)
			writer_flush(w);
		if (i == n / 2)
			before = allocated();
	}
	assert_true(allocated() < before + (40u << 20)); /* spare buffers */
	assert_int_equal(writer_close(w), 0);
	struct trace_reader *r = reader_open(dir);
	assert_non_null(r);
	before = allocated();
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(reader_next(r, &ev), 1);
		assert_int_equal(ev->group, i);
	}
	assert_true(allocated() < before + n * each);
	reader_close(r);
}

static void a_trace_cut_anywhere_gives_its_first_events(void **s)
{
	(void)s;
	char path[96];
	write_events(6000, 3);
	snprintf(path, sizeof(path), "%s/events", dir);
	long size = 0;
	FILE *f = fopen(path, "r");
	fseek(f, 0, SEEK_END);
	size = ftell(f);
	fclose(f);
	for (long cut = size - 1; cut > 0; cut -= size / 50 + 1) {
		assert_int_equal(truncate(path, cut), 0);
		struct trace_reader *r = reader_open(dir);
		struct event *ev;
		assert_non_null(r);
		int rc, n = 0;
		while ((rc = reader_next(r, &ev)) == 1)
			assert_int_equal(ev->seq, ++n);
		assert_int_equal(rc, 0);
		assert_true(reader_cut(r));
		reader_close(r);
	}
}

static void kept_files_are_found_by_content(void **s)
{
	(void)s;
	char a[36], b[36], path[128];
	assert_int_equal(store_init(dir), 0);
	assert_int_equal(store_add_bytes(dir, "content", 7, a), 0);
	snprintf(path, sizeof(path), "%s/original", dir);
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	assert_int_equal(write(fd, "content", 7), 7);
	assert_int_equal(store_add_fd(dir, fd, 7, b), 0);
	assert_string_equal(a, b);
	close(fd);
	fd = store_open(dir, a, true);
	assert_true(fd >= 0);
	close(fd);
	snprintf(path, sizeof(path), "%s/files/%s", dir, a);
	fd = open(path, O_WRONLY);
	assert_int_equal(write(fd, "C", 1), 1);
	close(fd);
	assert_int_equal(store_open(dir, a, true), -1);
}

static void the_description_survives_json(void **s)
{
	(void)s;
	struct trace_meta m, n;
	char *argv[] = {"prog", "with \"quotes\"", "\xff", NULL};
	meta_now(&m, argv, 3);
	char *json = meta_to_json(&m);
	assert_int_equal(meta_from_json(&n, json), 0);
	assert_string_equal(n.argv[1], argv[1]);
	assert_string_equal(n.argv[2], "\\xff");
	assert_null(n.argv[3]);
	assert_int_equal(n.cpu, 3);
	assert_int_equal(meta_check_cpu(&n), 0);
	free(n.cpu_flags);
	n.cpu_flags = strdup("sse2 warp_drive");
	assert_int_equal(meta_check_cpu(&n), -1);
	assert_non_null(strstr(err_msg(), "warp_drive"));
	free(json);
	meta_free(&m);
	meta_free(&n);
}

static void a_hostile_mapping_is_malformed(void **s)
{
	(void)s;
	struct event ev = {.kind = EV_MEM, .seq = 1}, out = {0};
	struct ev_op *op = event_op(&ev, OP_MAP);
	op->map.source = SRC_FILE;
	strcpy(op->map.hash, "../../etc/passwd");
	struct buf b = {0};
	struct ev_codec c = {0};
	event_encode(&b, &c, &ev);
	codec_reset(&c);
	struct rd r = rd_make(b.data, b.len);
	assert_int_equal(event_decode(&r, &c, &out), -1);
	buf_free(&b);
	event_free(&ev);
	event_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(events_of_many_groups_come_back_in_global_order, setup, teardown),
		cmocka_unit_test_setup_teardown(groups_that_are_over_take_no_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(a_trace_cut_anywhere_gives_its_first_events, setup, teardown),
		cmocka_unit_test_setup_teardown(kept_files_are_found_by_content, setup, teardown),
		cmocka_unit_test(the_description_survives_json),
		cmocka_unit_test(a_hostile_mapping_is_malformed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
