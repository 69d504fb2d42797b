/* Loop devices, and what block devices tell about themselves. */
#include "check.h"

#include <linux/fs.h>
#include <linux/hdreg.h>
#include <linux/loop.h>

int main(void)
{
	int control = open("/dev/loop-control", O_RDWR), file = temp_file(), n, dev = -1;
	char path[32], sector[512] = "first";
	struct loop_info64 info;
	struct loop_config c = {.fd = (uint32_t)file, .info = {.lo_flags = LO_FLAGS_AUTOCLEAR}};
	CHECK(!ftruncate(file, 1 << 20) && pwrite(file, sector, sizeof(sector), 0) == sizeof(sector));
	/* Somebody else may take the free one first. */
	for (int tries = 0; tries < 20 && dev < 0; tries++) {
		if (control < 0 || (n = ioctl(control, LOOP_CTL_GET_FREE)) < 0)
			break;
		snprintf(path, sizeof(path), "/dev/loop%d", n);
		dev = open(path, O_RDWR);
		if (dev < 0)
			break;
		if (ioctl(dev, LOOP_CONFIGURE, &c)) {
			close(dev);
			dev = -1;
		}
	}
	if (dev < 0) {
		SHOW("skipped: no loop devices here, or not allowed");
		return 0;
	}
	uint64_t bytes;
	unsigned long sectors, readahead;
	int size, physical, ro, optimal;
	unsigned short rotational, max;
	struct hd_geometry geo;
	CHECK(!ioctl(dev, BLKGETSIZE64, &bytes) && bytes == 1 << 20);
	CHECK(!ioctl(dev, BLKGETSIZE, &sectors) && sectors == 2048);
	CHECK(!ioctl(dev, BLKSSZGET, &size) && !ioctl(dev, BLKPBSZGET, &physical) && !ioctl(dev, BLKROGET, &ro));
	CHECK(!ioctl(dev, BLKIOOPT, &optimal) && !ioctl(dev, BLKROTATIONAL, &rotational));
	CHECK(!ioctl(dev, BLKSECTGET, &max) && !ioctl(dev, BLKRAGET, &readahead));
	SHOW("%d %d %d %d %d %d %lu", size, physical, ro, optimal, rotational, max, readahead);
	SHOW("%d", ioctl(dev, HDIO_GETGEO, &geo));
	memset(&info, 'x', sizeof(info));
	CHECK(!ioctl(dev, LOOP_GET_STATUS64, &info) && info.lo_number == (uint32_t)n);
	SHOW("%d inode %llu flags %x", n, (unsigned long long)info.lo_inode, info.lo_flags);
	strcpy((char *)info.lo_file_name, "a name");
	CHECK(!ioctl(dev, LOOP_SET_STATUS64, &info));
	CHECK(!ioctl(dev, LOOP_GET_STATUS64, &info) && !strcmp((char *)info.lo_file_name, "a name"));
	memset(sector, 0, sizeof(sector));
	CHECK(pread(dev, sector, sizeof(sector), 0) == sizeof(sector) && !strcmp(sector, "first"));
	CHECK(!ioctl(dev, BLKFLSBUF, 0) && !ioctl(dev, LOOP_CLR_FD));
	return 0;
}
