# rewrite --check says what it would change, as text and JSON; files it cannot change say why.
$REPRISE rewrite --check /bin/sh /lib/x86_64-linux-gnu/libc.so.6 > text
grep -q 'libc.so.6: .* system calls' text
$REPRISE rewrite --json --check /lib/x86_64-linux-gnu/libc.so.6 | python3 -c '
import json, sys
o = json.load(sys.stdin)
assert o["image"] and o["syscalls"] > 300 and o["syscalls_patched"] + sum(l["kind"] == "syscall" for l in o["left"]) == o["syscalls"], o'
echo text > plain
$REPRISE rewrite --check plain | grep -q 'not changed: it is no x86-64 ELF file'
! $REPRISE rewrite --check /nonexistent 2> err && grep -q 'cannot open /nonexistent' err
# A call that cannot get a jump, and one that another function needs whole.
cat > hard.s <<'A'
	.globl _start
	.type _start, @function
_start:	.cfi_startproc
	mov $4, %ebx
	mov $39, %eax
	jmp 2f
1:	syscall
2:	mov $39, %eax
	dec %ebx
	jnz 1b
	mov $60, %eax
	xor %edi, %edi
	syscall
	.cfi_endproc
	.size _start, . - _start
A
as hard.s -o hard.o && ld --eh-frame-hdr hard.o -o hard
$REPRISE rewrite --check hard > out; grep -q 'left: a branch goes where the jump would be' out || { cat out; exit 1; }
$REPRISE record -o t ./hard; $REPRISE replay -a t
# Stripped, static, not a PIE.
cat > s.c <<'A'
#include <stdio.h>
#include <unistd.h>
int main(void) { for (int i = 0; i < 1000; i++) getppid(); puts("static"); return 0; }
A
gcc -O1 -static -s s.c -o s1; gcc -O1 -static-pie -s s.c -o s2; gcc -O1 -no-pie -s s.c -o s3
for p in s1 s2 s3; do
  $REPRISE record --stats -o t-$p ./$p > o1 2> stats; $REPRISE replay -a t-$p | cmp - o1
  grep -q '1[0-9][0-9][0-9] of them buffered' stats || { cat stats; exit 1; }
done
# Over 100 MB of text, with calls at both ends.
cat > big.c <<'A'
#include <stdio.h>
#include <sys/syscall.h>
static long call(long nr) { long r; __asm__ volatile("syscall\n\tcmp $-4096, %%rax" : "=a"(r) : "a"(nr) : "rcx", "r11", "memory"); return r; }
__asm__(".text\n.type filling, @function\nfilling: .cfi_startproc\n.fill 110000000, 1, 0x90\nret\n.cfi_endproc\n.size filling, . - filling\n");
long last(void);
int main(void) { long n = 0; for (int i = 0; i < 1000; i++) n += call(SYS_getppid) == last(); printf("%ld\n", n); return 0; }
A
cat > big2.c <<'A'
long last(void) { long r; __asm__ volatile("syscall\n\tcmp $-4096, %%rax" : "=a"(r) : "a"(110L) : "rcx", "r11", "memory"); return r; }
A
for pie in -pie -no-pie; do
  gcc -O1 -fPIE $pie -fno-inline big.c big2.c -o big
  rm -rf t; $REPRISE record --stats -o t ./big > o1 2> stats; [ "$(cat o1)" = 1000 ]; $REPRISE replay -a t | cmp - o1
  grep -q '20[0-9][0-9] of them buffered' stats || { cat stats; exit 1; }
done
# Go has its own table of functions, which stays when a program is stripped.
if command -v go > /dev/null; then
  printf 'package main\nimport ("fmt"; "os")\nfunc main() { for i := 0; i < 1000; i++ { os.Getppid() }; fmt.Println("go") }\n' > a.go
  HOME=$PWD GOFLAGS=-mod=mod GOCACHE=$PWD/gocache go build -ldflags '-s -w' -o a a.go
  rm -rf t; $REPRISE record --stats -o t ./a > o1 2> stats; $REPRISE replay -a t | cmp - o1
  grep -q '1[0-9][0-9][0-9] of them buffered' stats || { cat stats; exit 1; }
else
  echo 'skipped: a stripped Go program (go is not installed)'
fi
