#include "unit.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "layout.h"
#include "replay/sieve.h"
#include "task/moment.h"

#define CODE(...) ((const uint8_t[]){__VA_ARGS__})

static int plan(const uint8_t *bytes, size_t len, uint64_t offset, struct detour *d)
{
	struct live_code c = {bytes, len, 0x1000};
	return detour_plan(&c, 0x1000 + offset, d);
}

static void a_jump_displaces_whole_instructions_that_can_move(void **s)
{
	(void)s;
	struct detour d;
	/* inc %rax; cmpl $0, (%rdi); je back to the start */
	const uint8_t loop[] = {0x48, 0xff, 0xc0, 0x83, 0x3f, 0x00, 0x74, 0xf8, 0xc3};
	assert_int_equal(plan(loop, sizeof(loop), 0, &d), 0);
	assert_int_equal(d.n, 2);
	assert_int_equal(d.len, 6);
	/* The same, but the branch leads to the cmpl. */
	const uint8_t inside[] = {0x48, 0xff, 0xc0, 0x83, 0x3f, 0x00, 0x74, 0xfb, 0xc3};
	assert_int_equal(plan(inside, sizeof(inside), 0, &d), -1);
	assert_int_equal(plan(CODE(0xf3, 0xa4, 0x48, 0xff, 0xc0, 0xc3), 6, 0, &d), -1);	   /* rep movsb */
	assert_int_equal(plan(CODE(0xe8, 0, 0, 0, 0, 0xc3), 6, 0, &d), -1);			   /* call */
	assert_int_equal(plan(CODE(0x90, 0xc3, 0x90, 0x90, 0x90, 0x90), 6, 0, &d), -1);	   /* ret */
	assert_int_equal(plan(CODE(0x90, 0x0f, 0x05, 0x90, 0x90, 0x90), 6, 0, &d), -1);	   /* syscall */
	assert_int_equal(plan(CODE(0x48, 0xff), 2, 0, &d), -1);				   /* cut */
}

static void who_comes_between_displaced_instructions_traps(void **s)
{
	(void)s;
	const uint8_t traps[] = {0x06, 0xea, 0x16, 0xce, 0x37, 0xcc, 0x60, 0x07, 0x0e, 0x17,
				 0x1e, 0x1f, 0x27, 0x2f, 0x3f, 0x61, 0x82, 0x9a, 0xd4, 0xd6};
	for (unsigned a = 1; a < 5; a++) {
		for (unsigned b = a; b < 5; b++) {
			struct detour d = {.at = 0x1000, .n = 3, .app = {0x1000, 0x1000 + a, 0x1000 + b}};
			int32_t distance;
			unsigned n = 0;
			for (; sieve_distance(&d, n, &distance); n++) {
				uint8_t jump[5] = {0xe9};
				memcpy(jump + 1, &distance, 4);
				assert_non_null(memchr(traps, jump[a], sizeof(traps)));
				assert_non_null(memchr(traps, jump[b], sizeof(traps)));
			}
			assert_true(n > 0);
		}
	}
}

/* --- the sieve, executed --- */

/* At the inc, rax, rcx, r11, xmm9, the upper half of xmm1 and (%rdi) hold the same, once each. */
static const uint8_t body[] = {
	0x31, 0xc0,				/* xor %eax, %eax */
	0x48, 0xff, 0xc0,			/* 2: inc %rax */
	0x49, 0x89, 0xc3,			/* mov %rax, %r11 */
	0x48, 0x89, 0x07,			/* mov %rax, (%rdi) */
	0x66, 0x4c, 0x0f, 0x6e, 0xc8,		/* movq %rax, %xmm9 */
	0x66, 0x41, 0x0f, 0x6c, 0xc9,	/* punpcklqdq %xmm9, %xmm1 */
	0x48, 0x89, 0xc1,			/* mov %rax, %rcx */
	0x48, 0x3d, 0x88, 0x13, 0x00, 0x00,	/* cmp $5000, %rax */
	0x72, 0xe2,				/* jb 2b */
	0xc3,
};
#define PLACE 2

static volatile unsigned hits;
static volatile uint64_t seen;

static void on_trap(int sig, siginfo_t *si, void *ctx)
{
	(void)sig;
	(void)si;
	hits++;
	seen = (uint64_t)((ucontext_t *)ctx)->uc_mcontext.gregs[REG_RAX];
}

static uint8_t *map_near(struct sieve *v)
{
	int32_t distance;
	for (unsigned i = 0; sieve_distance(&v->d, i, &distance); i++) {
		uint64_t entry = v->d.at + DETOUR_JUMP + (uint64_t)(int64_t)distance;
		void *p = mmap((void *)(entry & ~4095ull), SIEVE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
		if (p == MAP_FAILED)
			continue;
		v->page = (uint64_t)p;
		v->entry = entry & 4095;
		return p;
	}
	return NULL;
}

/* How often the loop comes by with all of the items as they should be. */
static unsigned sift(const struct sieve_item *items, unsigned n, volatile uint64_t *counter)
{
	static struct sieve v;
	uint8_t *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct live_code c = {body, sizeof(body), (uint64_t)code};
	memcpy(code, body, sizeof(body));
	memset(&v, 0, sizeof(v));
	assert_int_equal(detour_plan(&c, (uint64_t)code + PLACE, &v.d), 0);
	for (unsigned i = 0; i < n; i++)
		v.items[i] = items[i];
	v.nitems = n;
	uint8_t *page = map_near(&v);
	assert_non_null(page);
	assert_int_equal(sieve_make(&v, &c), 0);
	memcpy(page, v.code, SIEVE_SIZE);
	int32_t distance = (int32_t)(v.page + v.entry - (v.d.at + DETOUR_JUMP));
	code[PLACE] = 0xe9;
	memcpy(code + PLACE + 1, &distance, 4);
	hits = 0;
	*counter = 0;
	uint64_t r = ((uint64_t (*)(volatile uint64_t *))code)(counter);
	assert_int_equal(r, 5000);
	munmap(page, SIEVE_SIZE);
	munmap(code, 4096);
	return hits;
}

static void the_sieve_stops_only_where_all_is_as_wanted(void **s)
{
	(void)s;
	volatile uint64_t counter;
	struct sigaction sa = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO}, old;
	void *data = mmap((void *)RUNTIME_DATA, 0x2000, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	assert_ptr_equal(data, RUNTIME_DATA);
	sigaction(SIGTRAP, &sa, &old);
	const struct sieve_item one[] = {
		{SIEVE_REG, 0, 0, 777},			      /* rax */
		{SIEVE_REG, 1, 0, 777},			      /* rcx */
		{SIEVE_REG, 11, 0, 777},		      /* r11 */
		{SIEVE_XMM, 18, 0, 777},		      /* xmm9 */
		{SIEVE_XMM, 3, 0, 777},			      /* xmm1, upper half */
		{SIEVE_MEM, 0, (uint64_t)&counter, 777},
	};
	assert_int_equal(sift(NULL, 0, &counter), 5000);
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(sift(&one[i], 1, &counter), 1);
		assert_int_equal(seen, 777);
	}
	assert_int_equal(sift(one, 6, &counter), 1);
	struct sieve_item two[] = {{SIEVE_REG, 0, 0, 777}, {SIEVE_XMM, 18, 0, 778}};
	assert_int_equal(sift(two, 2, &counter), 0);
	sigaction(SIGTRAP, &old, NULL);
	munmap(data, 0x2000);
}

/* --- moments as bytes --- */

static void a_moment_that_is_cut_or_too_large_is_refused(void **s)
{
	(void)s;
	static uint64_t words[2] = {1, 2};
	struct space sp = {0};
	regs_t r = {0};
	struct buf b = {0};
	struct moment m;
	uint64_t at[2] = {(uint64_t)&words[0], (uint64_t)&words[1]};
	assert_int_equal(moment_take(getpid(), &sp, &r, at, 2, &b), 0);
	assert_int_equal(moment_read(b.data, b.len, &m), 0);
	assert_int_equal(m.n, 2);
	assert_int_equal(m.windows[1].addr, at[1]);
	assert_int_equal(m.windows[1].data[0], 2);
	for (size_t n = 0; n < b.len; n++)
		assert_int_equal(moment_read(b.data, n, &m), -1);
	b.data[0] = MOMENT_WINDOWS + 1;
	assert_int_equal(moment_read(b.data, b.len, &m), -1);
	buf_free(&b);
}

static void sums_tell_where_memory_differs(void **s)
{
	(void)s;
	uint8_t *p = mmap(NULL, 8 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct space sp = {0};
	struct mapping m = {.recorded = {.start = (uint64_t)p, .end = (uint64_t)p + 8 * 4096, .prot = 3, .flags = MAPF_ANON}};
	uint64_t a[MOMENT_SUMS], b[MOMENT_SUMS], part;
	space_map(&sp, &m);
	memset(p, 7, 4 * 4096);
	assert_int_equal(moment_sums(getpid(), &sp, a), 0);
	p[2 * 4096 + 5]++;
	assert_int_equal(moment_sums(getpid(), &sp, b), 0);
	unsigned at = (unsigned)((uint64_t)p / 4096 + 2) % MOMENT_SUMS;
	for (unsigned i = 0; i < MOMENT_SUMS; i++)
		assert_int_equal(a[i] != b[i], i == at);
	assert_int_equal(moment_part(getpid(), &sp, at, &part), 0);
	assert_int_equal(part, b[at]);
	memset(p + 2 * 4096, 0, 4096); /* as if it had never been written */
	assert_int_equal(moment_part(getpid(), &sp, at, &part), 0);
	assert_int_equal(part, 0);
	space_clear(&sp);
	munmap(p, 8 * 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_jump_displaces_whole_instructions_that_can_move),
		cmocka_unit_test(who_comes_between_displaced_instructions_traps),
		cmocka_unit_test(the_sieve_stops_only_where_all_is_as_wanted),
		cmocka_unit_test(a_moment_that_is_cut_or_too_large_is_refused),
		cmocka_unit_test(sums_tell_where_memory_differs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
