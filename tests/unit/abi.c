#include "unit.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "abi/print.h"
#include "abi/regions.h"
#include "abi/sysrow.h"

/* Here the "caller's memory" is our own. */
static size_t own(void *ctx, uint64_t addr, void *out, size_t len)
{
	(void)ctx;
	if (addr < 4096)
		return 0;
	memcpy(out, (void *)addr, len);
	return len;
}

static const struct abi_reader reader = {own, NULL};

static void every_number_has_a_row(void **s)
{
	(void)s;
	for (int nr = 0; nr < SYS_MAX; nr++) {
		if (nr > 336 && nr < 424) /* never assigned on x86-64 */
			continue;
		assert_string_not_equal(sys_row(nr)->name, "unknown");
		assert_int_equal(sys_number(sys_row(nr)->name), nr);
	}
	assert_string_equal(sys_row(SYS_MAX)->name, "unknown");
	assert_int_equal(sys_row(-1)->cls, C_NOSYS);
}

static void rows_agree_with_the_headers(void **s)
{
	(void)s;
	assert_int_equal(sys_number("openat"), SYS_openat);
	assert_int_equal(sys_number("futex_waitv"), SYS_futex_waitv);
	assert_int_equal(sys_number("clone3"), SYS_clone3);
	assert_int_equal(sys_number("epoll_pwait2"), SYS_epoll_pwait2);
}

static void lengths_name_arguments_that_exist(void **s)
{
	(void)s;
	for (int nr = 0; nr < SYS_MAX; nr++) {
		const struct sysrow *r = sys_row(nr);
		for (int i = 0; i < 6; i++) {
			if (r->args[i].kind == K_NONE || r->args[i].len == LEN_ONE)
				continue;
			assert_true(r->args[i].arg < 6);
			assert_int_not_equal(r->args[r->args[i].arg].kind, K_NONE);
		}
	}
}

static void read_writes_as_much_as_its_result(void **s)
{
	(void)s;
	char buf[100];
	uint64_t a[6] = {0, (uint64_t)buf, sizeof(buf)};
	region_list in = {0}, out = {0};
	abi_regions(SYS_read, a, &reader, &in);
	assert_int_equal(in.n, 1);
	assert_int_equal(in.at[0].len, 100);
	abi_written(SYS_read, &in, 42, &reader, &out);
	assert_int_equal(out.n, 1);
	assert_int_equal(out.at[0].len, 42);
	out.n = 0;
	abi_written(SYS_read, &in, -11, &reader, &out);
	assert_int_equal(out.n, 0);
	VEC_FREE(&in);
	VEC_FREE(&out);
}

static void scattered_results_fill_pieces_in_order(void **s)
{
	(void)s;
	char x[10], y[20], z[5];
	struct iovec iov[3] = {{x, 10}, {y, 20}, {z, 5}};
	uint64_t a[6] = {0, (uint64_t)iov, 3};
	region_list in = {0}, out = {0};
	abi_regions(SYS_readv, a, &reader, &in);
	abi_written(SYS_readv, &in, 17, &reader, &out);
	assert_int_equal(out.n, 2);
	assert_int_equal(out.at[0].len, 10);
	assert_int_equal(out.at[1].addr, (uint64_t)y);
	assert_int_equal(out.at[1].len, 7);
	VEC_FREE(&in);
	VEC_FREE(&out);
}

static void recvmsg_writes_header_fields_name_and_data(void **s)
{
	(void)s;
	char data[32], name[16], ctl[64];
	struct iovec iov = {data, 32};
	struct msghdr m = {.msg_name = name, .msg_namelen = 16, .msg_iov = &iov, .msg_iovlen = 1,
			   .msg_control = ctl, .msg_controllen = 64};
	uint64_t a[6] = {0, (uint64_t)&m, 0}, total = 0;
	region_list in = {0}, out = {0};
	abi_regions(SYS_recvmsg, a, &reader, &in);
	m.msg_namelen = 8; /* as the kernel leaves it */
	m.msg_controllen = 24;
	abi_written(SYS_recvmsg, &in, 10, &reader, &out);
	for (size_t i = 0; i < out.n; i++)
		total += out.at[i].len;
	assert_int_equal(total, 10 + 8 + 24 + 4 + 8 + 4);
	VEC_FREE(&in);
	VEC_FREE(&out);
}

static void fd_sets_are_whole_longs(void **s)
{
	(void)s;
	uint64_t set[16];
	uint64_t a[6] = {65, (uint64_t)set, 0, 0, 0};
	region_list in = {0};
	abi_regions(SYS_select, a, &reader, &in);
	assert_int_equal(in.at[0].len, 16);
	VEC_FREE(&in);
}

static void unreadable_memory_gives_empty_regions(void **s)
{
	(void)s;
	uint64_t a[6] = {0, 16, 3};
	region_list in = {0};
	abi_regions(SYS_readv, a, &reader, &in);
	abi_regions(SYS_recvmsg, a, &reader, &in);
	for (size_t i = 0; i < in.n; i++)
		assert_int_equal(in.at[i].len, 0);
	VEC_FREE(&in);
}

static size_t path_memory(void *ctx, uint64_t addr, bool out, void *to, size_t n)
{
	(void)out;
	size_t at = addr - 4096, len = strlen(ctx) + 1;
	if (addr < 4096 || at >= len)
		return 0;
	n = n < len - at ? n : len - at;
	memcpy(to, (char *)ctx + at, n);
	return n;
}

static void calls_print_as_strace_prints_them(void **s)
{
	(void)s;
	struct buf b = {0};
	struct print_how how = {.read = path_memory, .ctx = "/etc/x\n"};
	uint64_t a[6] = {(uint64_t)-100, 4096, 02000101, 0644};
	print_call(&how, &b, SYS_openat, a, -2);
	print_result(&b, SYS_openat, -2);
	buf_u8(&b, 0);
	assert_string_equal((char *)b.data, "openat(AT_FDCWD, \"/etc/x\\n\", O_WRONLY|O_CREAT|O_CLOEXEC, 0644) = -1 "
					    "ENOENT (No such file or directory)");
	b.len = 0;
	uint64_t m[6] = {0, 8192, 3, 0x22, (uint64_t)-1, 0};
	print_call(&how, &b, SYS_mmap, m, 0x7f0000000000);
	print_result(&b, SYS_mmap, 0x7f0000000000);
	buf_u8(&b, 0);
	assert_string_equal((char *)b.data, "mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, "
					    "0) = 0x7f0000000000");
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_has_a_row),
		cmocka_unit_test(rows_agree_with_the_headers),
		cmocka_unit_test(lengths_name_arguments_that_exist),
		cmocka_unit_test(read_writes_as_much_as_its_result),
		cmocka_unit_test(scattered_results_fill_pieces_in_order),
		cmocka_unit_test(recvmsg_writes_header_fields_name_and_data),
		cmocka_unit_test(fd_sets_are_whole_longs),
		cmocka_unit_test(unreadable_memory_gives_empty_regions),
		cmocka_unit_test(calls_print_as_strace_prints_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
