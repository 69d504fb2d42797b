# An unknown ioctl that may write memory and succeeds stops the recording, naming it.
cat > i.c <<'C'
#include <fcntl.h>
#include <sys/ioctl.h>
#include <stdio.h>
#include <linux/ptp_clock.h>
int main(void) { char b[4096]; int fd = open("/dev/ptmx", O_RDWR); printf("%d\n", ioctl(fd, _IOR('T', 0x32 + 200, int), b)); printf("%d\n", ioctl(fd, 0x5456, b)); return 0; }
C
cc i.c -o i
set +e
timeout 20 $REPRISE record -o t ./i > out 2> err; c=$?
# TIOCSERSWILD and the like fail here: harmless, and recorded.
[ $c = 0 ] || grep -q 'ioctl 0x' err
