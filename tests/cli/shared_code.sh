# Code in shared memory that another process writes while it is executed cannot be watched: the user is told, and only then.
cat > x.c <<'C'
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	int fd = memfd_create("code", 0), status;
	ftruncate(fd, 4096);
	unsigned char *w = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	unsigned char *x = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	memcpy(w, "\xb8\x07\x00\x00\x00\xc3", 6);
	if (((int (*)(void))x)() != 7)
		return 1;
	if (!fork()) {
		if (argc > 1)
			w[1] = 8;
		execl("/bin/true", "true", NULL);
	}
	wait(&status);
	return ((int (*)(void))x)() == (argc > 1 ? 8 : 7) ? 0 : 2;
}
C
cc -O1 -w -o x x.c
$REPRISE record -o t ./x 2> said
! grep 'another process' said
$REPRISE record -o u ./x changed 2> said
cat said
grep -q 'executes memory that another process has written' said
$REPRISE replay -a t
$REPRISE replay -a u
