# An ioctl that is refused fails, and the user is told once.
cat > i.c <<'C'
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>
int main(void)
{
	int fd = open("/dev/null", O_RDWR);
	for (int i = 0; i < 3; i++)
		if (ioctl(fd, KVM_CREATE_VM, 0) != -1 || errno != ENOTTY)
			return 1;
	return 0;
}
C
cc i.c -o i
timeout 20 $REPRISE record -o t ./i 2> err || { echo "status $?"; cat err; exit 1; }
grep -q 'KVM_CREATE_VM' err && [ $(wc -l < err) = 1 ] || { cat err; exit 1; }
timeout 20 $REPRISE replay -a t
