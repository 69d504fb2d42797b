# A program that has mapped more files, and more shared memory, than there may be descriptors records and replays, and sees its own limit of these.
cat > p.c <<'C'
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
int main(void)
{
	char data[4096];
	unsigned hash = 0;
	struct rlimit lim;
	getrlimit(RLIMIT_NOFILE, &lim);
	for (int i = 0; i < 300; i++) {
		int fd = open("f", O_RDWR | O_CREAT, 0600);
		memset(data, i, sizeof(data));
		memcpy(data, &i, sizeof(i));
		write(fd, data, sizeof(data));
		char *m = mmap(0, sizeof(data), PROT_READ, MAP_PRIVATE, fd, 0);
		if (m == MAP_FAILED)
			return 2;
		hash = hash * 31 + (unsigned char)m[100] + (unsigned char)m[1];
		close(fd);
		unlink("f");
		m = mmap(0, sizeof(data), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (m == MAP_FAILED)
			return 3;
		m[0] = i;
		hash += m[0] + m[1];
		munmap(m, sizeof(data));
	}
	printf("%x, %u descriptors\n", hash, (unsigned)lim.rlim_cur);
	return 0;
}
C
cc -O1 p.c -o p
ulimit -Sn 100
ulimit -Hn 200
./p > native
$REPRISE record -o t ./p > out
cmp native out
grep -q ' 100 descriptors' out
$REPRISE replay -a t | cmp - out
