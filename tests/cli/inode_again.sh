# A new file may have the inode of one that was mapped and is gone: making it shorter concerns nobody then.
cat > again.c <<'C'
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
	int same = 0;
	for (int i = 0; i < 50; i++) {
		struct stat a, b;
		int fd = open("old", O_RDWR | O_CREAT | O_TRUNC, 0600);
		if (fd < 0 || ftruncate(fd, 4096) || fstat(fd, &a))
			return 1;
		char *p = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (p == MAP_FAILED || munmap(p, 4096) || close(fd) || unlink("old"))
			return 2;
		fd = open("new", O_RDWR | O_CREAT | O_TRUNC, 0600);
		if (fd < 0 || fstat(fd, &b) || write(fd, "x", 1) != 1 || close(fd) || unlink("new"))
			return 3;
		same += a.st_ino == b.st_ino;
	}
	printf("%s\n", same ? "used again" : "never used again");
	return 0;
}
C
cc -D_GNU_SOURCE -o again again.c
./again > natively
grep -qx 'used again' natively || { echo "skipped: this file system uses no inode again"; exit 0; }
$REPRISE record --no-buffer -o t ./again > recorded
cmp recorded natively
$REPRISE replay -a t | cmp - recorded
