# fnstenv, fnsave and fxsave do not store which x87 instruction was the last: on many CPUs that depends on context switches.
cat > x.c <<'C'
#include <stdint.h>
#include <stdio.h>
#include <string.h>
static uint8_t area[576] __attribute__((aligned(64)));
float number = 1.5f, other;
/* Execute `op`, of whose `size` bytes those from `from` on are pointers. */
#define CASE(op, from, len, size, ...) do { \
	memset(area, 0xee, sizeof(area)); \
	__asm__ volatile("fninit; flds number(%%rip); fstps other(%%rip); " op "; fninit" ::__VA_ARGS__ : "r12", "memory"); \
	tell(#op, from, len, size); } while (0)
static void tell(const char *op, unsigned from, unsigned len, unsigned size)
{
	unsigned clear = 0, kept = area[0] == 0x7f && area[1] == 3 && area[from - 1] != 0xee;
	for (unsigned i = 0; i < len; i++)
		clear += !area[from + i];
	for (unsigned i = size; i < sizeof(area); i++)
		kept &= area[i] == 0xee;
	printf("%s: %s, %s\n", op, clear == len ? "no pointers" : "pointers", kept ? "ok" : "it stores other bytes");
}
int main(void)
{
	CASE("fnstenv area(%%rip)", 12, 14, 28, "m"(area));
	CASE("fstenv (%%rdi)", 12, 14, 28, "D"(area));
	CASE("fnstenv 4(%%rdi); fnstenv (%%rdi)", 12, 14, 32, "D"(area));
	CASE("data16 fnstenv (%%rdi)", 6, 8, 14, "D"(area));
	CASE("fnsave (%%rax,%%rdi,2)", 12, 14, 108, "a"(area - 16), "D"(8L));
	CASE("data16 fnsave 256(%%rsi)", 6, 8, 94, "S"(area - 256));
	CASE("fxsave -64(%%rdi)", 6, 18, 416, "D"(area + 64));
	CASE("mov %%rdi, %%r12; fxsave64 (%%r12)", 6, 18, 416, "D"(area));
	return 0;
}
C
cc -O1 -o x x.c
$REPRISE rewrite --check --json x | tee json
grep -q '"x87s": *9, *"x87s_patched": *9' json
$REPRISE record --verify=1 -o t ./x > out
cat out
test "$(grep -c 'no pointers, ok' out)" = 8
$REPRISE replay -a --verify t > again
cmp out again
