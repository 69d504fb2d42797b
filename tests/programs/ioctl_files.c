/* ioctls of files and file systems: attributes, extents, dedupe, what is mapped, random, epoll, and the
 * devices that are everywhere. */
#include "check.h"

#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/random.h>
#include <linux/rtc.h>
#include <linux/watchdog.h>
#include <linux/kd.h>
#include <linux/vt.h>

#define FS_IOC_GETFSUUID _IOR(0x15, 0, char[17])
#define EPIOCSPARAMS _IOW(0x8a, 1, char[8])
#define EPIOCGPARAMS _IOR(0x8a, 2, char[8])

static void file(int fd)
{
	struct {
		struct fiemap head;
		struct fiemap_extent at[4];
	} map = {.head = {.fm_length = ~0ull, .fm_extent_count = 4, .fm_flags = FIEMAP_FLAG_SYNC}};
	struct {
		struct file_dedupe_range head;
		struct file_dedupe_range_info at[2];
	} same = {.head = {.src_length = 4096, .dest_count = 2}, .at = {{.dest_fd = fd, .dest_offset = 4096}, {.dest_fd = -1}}};
	struct fsxattr x = {0};
	unsigned char uuid[17] = "";
	long flags = 0, version = 0;
	off_t size = 0;
	int block = 0;
	static char data[8192];
	CHECK(write(fd, data, sizeof(data)) == sizeof(data));
	SHOW("flags %d %lx", ioctl(fd, FS_IOC_GETFLAGS, &flags), flags);
	SHOW("version %d %lx", ioctl(fd, FS_IOC_GETVERSION, &version), version);
	SHOW("xattr %d %x", ioctl(fd, FS_IOC_FSGETXATTR, &x), x.fsx_xflags);
	SHOW("size %d %ld", ioctl(fd, FIOQSIZE, &size), (long)size);
	SHOW("block %d %d", ioctl(fd, FIGETBSZ, &block), block);
	SHOW("extents %d %u %llx", ioctl(fd, FS_IOC_FIEMAP, &map), map.head.fm_mapped_extents,
	     (unsigned long long)map.at[0].fe_physical);
	SHOW("dedupe %d %d %d", ioctl(fd, FIDEDUPERANGE, &same), same.at[0].status, same.at[1].status);
	SHOW("clone %d", ioctl(fd, FICLONE, fd));
	SHOW("uuid %d", ioctl(fd, FS_IOC_GETFSUUID, uuid));
	for (int i = 0; i < 17; i++)
		SHOW("%02x", uuid[i]);
}

/* Those that can be opened: the numbers must not end the recording. */
static void devices(void)
{
	static const char *const names[] = {"/dev/ttyS0", "/dev/tty1", "/dev/rtc0", "/dev/watchdog", "/dev/kmsg",
					    "/dev/hpet", "/dev/ptp0", "/dev/fb0", "/dev/dri/card0", "/dev/vsock"};
	static const unsigned long numbers[] = {TIOCGSERIAL, TIOCGICOUNT, TIOCMGET, KDGETMODE, VT_GETSTATE, RTC_RD_TIME,
						WDIOC_GETTIMEOUT, 0x7b9 /* VM sockets: the context's number */};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		/* A watchdog that is opened and closed may reset the machine. */
		int fd = strstr(names[i], "watchdog") ? -1 : open(names[i], O_RDONLY | O_NONBLOCK | O_NOCTTY);
		for (size_t k = 0; fd >= 0 && k < sizeof(numbers) / sizeof(numbers[0]); k++) {
			uint32_t out[64] = {0};
			int r = ioctl(fd, numbers[k], out);
			SHOW("%s %lx: %d %x %x %x", names[i], numbers[k], r, out[0], out[1], out[2]);
		}
		if (fd >= 0)
			close(fd);
	}
}

int main(void)
{
	int fd = temp_file(), bits = -1, urandom = open("/dev/urandom", O_RDONLY), ep = epoll_create1(0);
	uint32_t params[2] = {1, 2};
	file(fd);
	CHECK(urandom >= 0 && !ioctl(urandom, RNDGETENTCNT, &bits));
	SHOW("%d bits", bits);
	int set = ioctl(ep, EPIOCSPARAMS, params), get = ioctl(ep, EPIOCGPARAMS, params);
	SHOW("epoll %d %d %u %u", set, get, params[0], params[1]);
	devices();
	return 0;
}
