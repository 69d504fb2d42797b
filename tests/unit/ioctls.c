/* The tables of ioctls, against each other and against the kernel's headers. */
#include "unit.h"

#include <asm/ioctls.h>
#include <linux/blkpg.h>
#include <linux/btrfs.h>
#include <linux/cdrom.h>
#include <linux/dm-ioctl.h>
#include <linux/fb.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/fscrypt.h>
#include <linux/hdreg.h>
#include <linux/hidraw.h>
#include <linux/if_arp.h>
#include <linux/if_tun.h>
#include <linux/input.h>
#include <linux/kd.h>
#include <linux/kvm.h>
#include <linux/loop.h>
#include <linux/nsfs.h>
#include <linux/ptp_clock.h>
#include <linux/random.h>
#include <linux/route.h>
#include <linux/rtc.h>
#include <linux/serial.h>
#include <linux/sockios.h>
#include <linux/spi/spidev.h>
#include <linux/uinput.h>
#include <linux/videodev2.h>
#include <linux/vt.h>
#include <linux/wireless.h>
#include <scsi/sg.h>
#include <sound/asound.h>
#include <string.h>

#include "abi/ioctls.h"
#include "abi/regions.h"

static const struct {
	uint32_t cmd;
	const char *name;
	uint8_t dir;
	size_t size;
} known[] = {
#define K(c, dir, size) {(uint32_t)(c), #c, IOD_##dir, size}
	K(TIOCGWINSZ, OUT, 8),
	K(TIOCGSERIAL, OUT, sizeof(struct serial_struct)),
	K(TIOCGICOUNT, OUT, sizeof(struct serial_icounter_struct)),
	K(TIOCGRS485, OUT, sizeof(struct serial_rs485)),
	K(TIOCGPTPEER, NONE, 0),
	K(TIOCMIWAIT, NONE, 0),
	K(KDGKBENT, INOUT, sizeof(struct kbentry)),
	K(KDSKBSENT, IN, sizeof(struct kbsentry)),
	K(KDGKBDIACR, OUT, sizeof(struct kbdiacrs)),
	K(KDGKBDIACRUC, OUT, sizeof(struct kbdiacrsuc)),
	K(KDKBDREP, INOUT, sizeof(struct kbd_repeat)),
	K(VT_WAITEVENT, INOUT, sizeof(struct vt_event)),
	K(VT_SETACTIVATE, IN, sizeof(struct vt_setactivate)),
	K(VT_RESIZEX, IN, sizeof(struct vt_consize)),
	K(SIOCADDRT, IN, sizeof(struct rtentry)),
	K(SIOCGARP, INOUT, sizeof(struct arpreq)),
	K(SIOCGIFINDEX, INOUT, sizeof(struct ifreq)),
	K(SIOCSIFMTU, IN, sizeof(struct ifreq)),
	K(SIOCGIWAP, INOUT, sizeof(struct iwreq)),
	K(SIOCETHTOOL, UNKNOWN, 0),
	K(TUNSETIFF, INOUT, sizeof(struct ifreq)), /* its number says int */
	K(TUNGETIFF, OUT, sizeof(struct ifreq)),
	K(TUNGETFEATURES, OUT, sizeof(int)),
	K(BLKGETSIZE64, OUT, 8),
	K(BLKSSZGET, OUT, 4),
	K(BLKPG, IN, sizeof(struct blkpg_ioctl_arg)),
	K(HDIO_GETGEO, OUT, sizeof(struct hd_geometry)),
	K(HDIO_GET_IDENTITY, OUT, 512),
	K(LOOP_GET_STATUS, OUT, sizeof(struct loop_info)),
	K(LOOP_GET_STATUS64, OUT, sizeof(struct loop_info64)),
	K(LOOP_CONFIGURE, IN, sizeof(struct loop_config)),
	K(CDROMREADTOCENTRY, INOUT, sizeof(struct cdrom_tocentry)),
	K(CDROMSUBCHNL, INOUT, sizeof(struct cdrom_subchnl)),
	K(CDROMMULTISESSION, INOUT, sizeof(struct cdrom_multisession)),
	K(SG_GET_SCSI_ID, OUT, sizeof(struct sg_scsi_id)),
	K(SG_IO, UNKNOWN, 0),
	K(DM_TABLE_STATUS, UNKNOWN, 0),
	K(FS_IOC_GETFLAGS, OUT, 8),
	K(FS_IOC_FSGETXATTR, OUT, sizeof(struct fsxattr)),
	K(FS_IOC_FIEMAP, FIEMAP, 0),
	K(FS_IOC_GET_ENCRYPTION_POLICY, INOUT, sizeof(struct fscrypt_policy_v1)),
	K(FICLONERANGE, IN, sizeof(struct file_clone_range)),
	K(FITRIM, INOUT, sizeof(struct fstrim_range)),
	K(BTRFS_IOC_TREE_SEARCH, INOUT, sizeof(struct btrfs_ioctl_search_args)),
	K(BTRFS_IOC_TREE_SEARCH_V2, UNKNOWN, 0),
	K(NS_GET_USERNS, NONE, 0),
	K(NS_GET_OWNER_UID, OUT, sizeof(uid_t)),
	K(RNDADDENTROPY, IN, sizeof(int) * 2),
	K(RTC_RD_TIME, OUT, sizeof(struct rtc_time)),
	K(RTC_WKALM_RD, OUT, sizeof(struct rtc_wkalrm)),
	K(PTP_SYS_OFFSET, INOUT, sizeof(struct ptp_sys_offset)),
	K(EVIOCGID, OUT, sizeof(struct input_id)),
	K(EVIOCGABS(5), OUT, sizeof(struct input_absinfo)),
	K(EVIOCGBIT(EV_KEY, 96), OUT, 96),
	K(EVIOCGNAME(256), OUT, 256),
	K(UI_DEV_SETUP, IN, sizeof(struct uinput_setup)),
	K(HIDIOCGFEATURE(17), INOUT, 17),
	K(SPI_IOC_MESSAGE(3), UNKNOWN, 3 * sizeof(struct spi_ioc_transfer)),
	K(FBIOGET_VSCREENINFO, OUT, sizeof(struct fb_var_screeninfo)),
	K(FBIOGET_FSCREENINFO, OUT, sizeof(struct fb_fix_screeninfo)),
	K(VIDIOC_QUERYCAP, OUT, sizeof(struct v4l2_capability)),
	K(VIDIOC_G_EXT_CTRLS, UNKNOWN, 0),
	K(SNDRV_PCM_IOCTL_HW_PARAMS, INOUT, sizeof(struct snd_pcm_hw_params)),
	K(SNDRV_PCM_IOCTL_REWIND, INOUT, sizeof(snd_pcm_uframes_t)),
	K(SNDRV_CTL_IOCTL_ELEM_LIST, UNKNOWN, 0),
	K(KVM_CREATE_VM, REFUSED, 0),
};

static void rows_agree_with_the_headers(void **s)
{
	(void)s;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		struct ioctl_row row = ioctl_lookup(known[i].cmd);
		assert_non_null(row.name);
		assert_int_equal(strncmp(row.name, known[i].name, strcspn(known[i].name, "(")), 0);
		assert_int_equal(row.dir, known[i].dir);
		assert_int_equal(row.size, known[i].size);
	}
}

static void numbers_stand_in_one_table_only(void **s)
{
	(void)s;
	size_t n = 0;
	for (const struct ioctl_row *a, *b; (a = ioctl_row_at(n)); n++) {
		assert_string_not_equal(a->name, "");
		b = ioctl_row_at(n + 1);
		if (b)
			assert_true(a->cmd < b->cmd);
	}
	assert_true(n > 1000);
}

/* Those whose number was made with another type than the kernel reads or writes. */
static bool number_lies(uint32_t cmd)
{
	return cmd == TUNSETIFF || cmd == TUNGETIFF || cmd == BLKBSZGET || cmd == BLKBSZSET;
}

static void sizes_follow_from_numbers_but_for_few(void **s)
{
	(void)s;
	for (size_t i = 0; ioctl_row_at(i); i++) {
		const struct ioctl_row *row = ioctl_row_at(i);
		if (row->dir != IOD_IN && row->dir != IOD_OUT && row->dir != IOD_INOUT)
			continue;
		if (row->cmd >> 30 && !number_lies(row->cmd))
			assert_int_equal(row->size, row->cmd >> 16 & 0x3fff);
		assert_int_not_equal(row->size, 0);
	}
}

static size_t own(void *ctx, uint64_t addr, void *out, size_t len)
{
	(void)ctx;
	memcpy(out, (void *)addr, len);
	return len;
}

static void extents_that_follow_a_header_are_counted(void **s)
{
	(void)s;
	struct fiemap map = {.fm_extent_count = 10};
	struct abi_reader rd = {own, NULL};
	uint64_t a[6] = {3, FS_IOC_FIEMAP, (uint64_t)&map};
	region_list l = {0};
	abi_regions(16, a, &rd, &l);
	assert_int_equal(l.n, 1);
	assert_int_equal(l.at[0].len, sizeof(map) + 10 * sizeof(struct fiemap_extent));
	assert_int_equal(l.at[0].dir, DIR_INOUT);
	VEC_FREE(&l);
}

static void in_no_table_is_unknown_whatever_the_number_says(void **s)
{
	(void)s;
	assert_int_equal(ioctl_lookup(0x40085a63).dir, IOD_UNKNOWN);
	assert_int_equal(ioctl_lookup(0x80085a63).dir, IOD_UNKNOWN);
	assert_int_equal(ioctl_lookup(0x1234).dir, IOD_UNKNOWN);
	assert_null(ioctl_lookup(0x1234).name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_agree_with_the_headers),
		cmocka_unit_test(numbers_stand_in_one_table_only),
		cmocka_unit_test(sizes_follow_from_numbers_but_for_few),
		cmocka_unit_test(extents_that_follow_a_header_are_counted),
		cmocka_unit_test(in_no_table_is_unknown_whatever_the_number_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
