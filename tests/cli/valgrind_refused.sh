# valgrind's tools are not executed: exec fails, the recorder says why, and what starts them goes on.
cat > tool.c <<'C'
static void leave(int status)
{
	__asm__ volatile("syscall" ::"a"(231), "D"(status) : "rcx", "r11", "memory");
}
void _start(void)
{
	leave(7);
}
C
cat > start.c <<'C'
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	execv(argv[1], argv + 1);
	int by_path = errno;
	if (argc > 2)
		execv(argv[2], argv + 2);
	printf("%d\n", by_path == ENOEXEC);
	return 0;
}
C
cc -o start start.c
mkdir libexec
cc -static -nostdlib -Wl,-Ttext-segment=0x58000000 -o libexec/memcheck-amd64-linux tool.c
cc -static -nostdlib -o libexec/other-amd64-linux tool.c
for tool in "$PWD/libexec/memcheck-amd64-linux" libexec/memcheck-amd64-linux; do
	rm -rf t
	[ "$($REPRISE record -o t ./start "$tool" "$tool" 2> err)" = 1 ]
	[ "$(grep -c 'valgrind, which cannot be recorded' err)" = 1 ] || { cat err; exit 1; }
	[ "$($REPRISE replay -a t)" = 1 ]
done
# A program that only has such a name runs.
rm -rf t
status=0
$REPRISE record -o t ./start libexec/other-amd64-linux 2> err || status=$?
[ "$status" = 7 ] && ! grep valgrind err
