# An unknown ioctl that may have written memory stops the recording, with a message naming it.
cat > i.c <<'C'
#include <fcntl.h>
#include <sys/ioctl.h>
struct uuid { unsigned char len, bytes[16]; };
int main(void) { struct uuid u; return ioctl(open("/", O_RDONLY), _IOR(0x15, 0, struct uuid), &u) ? 1 : 0; } /* FS_IOC_GETFSUUID */
C
cc i.c -o i
if ! ./i; then
	echo "skipped: the kernel or file system here lacks the ioctl that this uses (Linux 6.9)"
	exit 0
fi
set +e
timeout 20 $REPRISE record -o t ./i 2> err; c=$?
[ $c = 125 ] && grep -q 'ioctl 0x80111500' err && [ $(wc -l < err) = 1 ] || { echo "status $c"; cat err; exit 1; }
