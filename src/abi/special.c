/* clang-format off */
/* Memory of the calls whose arguments mean different things by a command:
 * fcntl, ioctl, prctl, futex, the System V control calls. */
#include <linux/fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/ipc.h>
#include <linux/keyctl.h>
#include <linux/msg.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <linux/sem.h>
#include <linux/shm.h>
#include <asm/prctl.h>
#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "abi/ioctls.h"
#include "abi/regions.h"
#include "shared.h"

#define MSG_STAT_ANY_CMD 13
#define SEM_STAT_ANY_CMD 20
#define SHM_STAT_ANY_CMD 15
#define CLEAR_MAX (1u << 20) /* bytes that KEYCTL_CAPABILITIES is asked to clear, at most */

static void fixed(region_list *l, uint64_t addr, uint64_t len, uint8_t dir, uint8_t arg)
{
	if (addr)
		region_add(l, addr, len, dir, R_FIXED, arg, T_BYTES);
}

/* A command, the argument it gives meaning to, the size and direction of that memory. */
struct cmd_row {
	uint32_t cmd;
	uint16_t size;
	uint8_t dir;
};

static void by_command(const struct cmd_row *rows, size_t n, uint32_t cmd, uint64_t addr,
		       uint8_t arg, region_list *l)
{
	for (size_t i = 0; i < n; i++) {
		if (rows[i].cmd == cmd)
			fixed(l, addr, rows[i].size, rows[i].dir, arg);
	}
}

static const struct cmd_row fcntls[] = {
	{5 /* F_GETLK */, 32, DIR_INOUT}, {6 /* F_SETLK */, 32, DIR_IN},
	{7 /* F_SETLKW */, 32, DIR_IN},	  {36 /* F_OFD_GETLK */, 32, DIR_INOUT},
	{37 /* F_OFD_SETLK */, 32, DIR_IN}, {38 /* F_OFD_SETLKW */, 32, DIR_IN},
	{15 /* F_SETOWN_EX */, 8, DIR_IN}, {16 /* F_GETOWN_EX */, 8, DIR_OUT},
	{17 /* F_GETOWNER_UIDS */, 8, DIR_OUT}, {F_GET_RW_HINT, 8, DIR_OUT},
	{F_SET_RW_HINT, 8, DIR_IN}, {F_GET_FILE_RW_HINT, 8, DIR_OUT},
	{F_SET_FILE_RW_HINT, 8, DIR_IN},
};

static const struct cmd_row prctls[] = {
	{PR_GET_PDEATHSIG, 4, DIR_OUT}, {PR_GET_UNALIGN, 4, DIR_OUT}, {PR_GET_FPEMU, 4, DIR_OUT},
	{PR_GET_FPEXC, 4, DIR_OUT},	{PR_GET_ENDIAN, 4, DIR_OUT},  {PR_GET_TSC, 4, DIR_OUT},
	{PR_SET_NAME, 16, DIR_IN},	{PR_GET_NAME, 16, DIR_OUT},
	{PR_GET_CHILD_SUBREAPER, 4, DIR_OUT}, {PR_GET_TID_ADDRESS, 8, DIR_OUT},
};

static const struct cmd_row shmctls[] = {
	{IPC_STAT, 112, DIR_OUT}, {IPC_SET, 112, DIR_IN},   {IPC_INFO, 72, DIR_OUT},
	{SHM_STAT, 112, DIR_OUT}, {SHM_INFO, 48, DIR_OUT},  {SHM_STAT_ANY_CMD, 112, DIR_OUT},
};

static const struct cmd_row msgctls[] = {
	{IPC_STAT, 120, DIR_OUT}, {IPC_SET, 120, DIR_IN},  {IPC_INFO, 32, DIR_OUT},
	{MSG_STAT, 120, DIR_OUT}, {MSG_INFO, 32, DIR_OUT}, {MSG_STAT_ANY_CMD, 120, DIR_OUT},
};

static const struct cmd_row semctls[] = {
	{IPC_STAT, 104, DIR_OUT}, {IPC_SET, 104, DIR_IN},  {IPC_INFO, 40, DIR_OUT},
	{SEM_STAT, 104, DIR_OUT}, {SEM_INFO, 40, DIR_OUT}, {SEM_STAT_ANY_CMD, 104, DIR_OUT},
};

static const struct cmd_row arch_prctls[] = {
	{ARCH_GET_FS, 8, DIR_OUT},
	{ARCH_GET_GS, 8, DIR_OUT},
	{0x1021 /* ARCH_GET_XCOMP_SUPP */, 8, DIR_OUT},
	{0x1022 /* ARCH_GET_XCOMP_PERM */, 8, DIR_OUT},
	{0x1024 /* ARCH_GET_XCOMP_GUEST_PERM */, 8, DIR_OUT},
};

static const struct cmd_row quotas[] = {
	{0x800004 /* Q_GETFMT */, 4, DIR_OUT},	  {0x800005 /* Q_GETINFO */, 24, DIR_OUT},
	{0x800006 /* Q_SETINFO */, 24, DIR_IN},	  {0x800007 /* Q_GETQUOTA */, 72, DIR_OUT},
	{0x800008 /* Q_SETQUOTA */, 72, DIR_IN},  {0x800009 /* Q_GETNEXTQUOTA */, 80, DIR_OUT},
	{0x800001 /* Q_SYNC */, 0, DIR_IN},	  {0x800002 /* Q_QUOTAON */, 0, DIR_IN},
	{0x800003 /* Q_QUOTAOFF */, 0, DIR_IN},
};

bool abi_quota_known(uint64_t cmd)
{
	for (size_t i = 0; i < ARRAY_LEN(quotas); i++) {
		if (quotas[i].cmd == (uint32_t)cmd >> 8)
			return true;
	}
	return false;
}

/* keyctl operations that fill a buffer and return how much there is (security/keys/keyctl.c).
 * CAPABILITIES clears what is left of it. */
static void keyctl_regions(const uint64_t a[6], const struct abi_reader *rd, region_list *l)
{
	uint32_t out_len;
	switch (a[0]) {
	case KEYCTL_DESCRIBE:
	case KEYCTL_READ:
	case KEYCTL_GET_SECURITY:
	case KEYCTL_DH_COMPUTE:
		if (a[2])
			region_add(l, a[2], a[3], DIR_OUT, R_RESULT, 2, T_BYTES);
		break;
	case KEYCTL_PKEY_QUERY:
		fixed(l, a[4], sizeof(struct keyctl_pkey_query), DIR_OUT, 4);
		break;
	case KEYCTL_PKEY_ENCRYPT:
	case KEYCTL_PKEY_DECRYPT:
	case KEYCTL_PKEY_SIGN:
		fixed(l, a[1], sizeof(struct keyctl_pkey_params), DIR_IN, 1);
		if (rd->read(rd->ctx, a[1] + offsetof(struct keyctl_pkey_params, out_len), &out_len, 4) == 4)
			region_add(l, a[4], out_len, DIR_OUT, R_RESULT, 4, T_BYTES);
		break;
	case KEYCTL_CAPABILITIES:
		fixed(l, a[1], a[2] < CLEAR_MAX ? a[2] : CLEAR_MAX, DIR_OUT, 1);
		break;
	}
}

static void seccomp_regions(const uint64_t a[6], region_list *l)
{
	if (a[0] == SECCOMP_GET_ACTION_AVAIL)
		fixed(l, a[2], 4, DIR_IN, 2);
	if (a[0] == SECCOMP_GET_NOTIF_SIZES)
		fixed(l, a[2], sizeof(struct seccomp_notif_sizes), DIR_OUT, 2);
}

/* struct file_handle: how many bytes fit, type, and that many bytes. */
static void handle_regions(const uint64_t a[6], const struct abi_reader *rd, region_list *l)
{
	uint32_t n = 0;
	if (a[2] && rd->read(rd->ctx, a[2], &n, 4) == 4)
		fixed(l, a[2], 8 + (n < 128 ? n : 128), DIR_INOUT, 2);
}

/* GETALL and SETALL: as many unsigned shorts as the set has semaphores. Nothing
 * in the arguments says how many; 32000 (SEMMSL) bounds it. */
static void semctl_all(const uint64_t a[6], const struct abi_reader *rd, region_list *l)
{
	char tmp[4096];
	uint64_t n = 0;
	while (n < 64000) {
		size_t want = 4096 - ((a[3] + n) & 4095), got = rd->read(rd->ctx, a[3] + n, tmp, want);
		n += got;
		if (got < want)
			break;
	}
	fixed(l, a[3], n < 64000 ? n : 64000, DIR_OUT, 3);
}

static void futex_regions(const uint64_t a[6], region_list *l)
{
	uint32_t op = a[1] & FUTEX_CMD_MASK;
	switch (op) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
		fixed(l, a[0], 4, DIR_IN, 0);
		fixed(l, a[3], 16, DIR_IN, 3);
		break;
	case FUTEX_WAIT_REQUEUE_PI:
		fixed(l, a[3], 16, DIR_IN, 3);
		break;
	}
}

/* SIOCGIFCONF: struct ifconf, and the buffer that it points to. */
static void ifconf_regions(uint64_t addr, const struct abi_reader *rd, region_list *l)
{
	struct {
		int32_t len, pad;
		uint64_t buf;
	} ifc;
	if (rd->read(rd->ctx, addr, &ifc, sizeof(ifc)) != sizeof(ifc))
		return;
	fixed(l, addr, 4, DIR_INOUT, 2);
	if (ifc.buf && ifc.len > 0)
		region_add(l, ifc.buf, (uint64_t)ifc.len, DIR_OUT, R_FIXED, 2, T_BYTES)->parent = -2;
}

/* A header that says how many elements follow it. */
static void counted_regions(uint64_t addr, uint64_t head, uint64_t count, uint64_t size, region_list *l)
{
	if (count <= UINT32_MAX / size)
		fixed(l, addr, head + count * size, DIR_INOUT, 2);
}

static void ioctl_regions(const uint64_t a[6], const struct abi_reader *rd, region_list *l)
{
	struct ioctl_row row = ioctl_lookup((uint32_t)a[1]);
	struct fiemap map;
	struct file_dedupe_range dedupe;
	switch (row.dir) {
	case IOD_IN:
		fixed(l, a[2], row.size, DIR_IN, 2);
		break;
	case IOD_OUT:
		fixed(l, a[2], row.size, DIR_OUT, 2);
		break;
	case IOD_INOUT:
		fixed(l, a[2], row.size, DIR_INOUT, 2);
		break;
	case IOD_IFCONF:
		ifconf_regions(a[2], rd, l);
		break;
	case IOD_FIEMAP:
		if (rd->read(rd->ctx, a[2], &map, sizeof(map)) == sizeof(map))
			counted_regions(a[2], sizeof(map), map.fm_extent_count, sizeof(struct fiemap_extent), l);
		break;
	case IOD_DEDUPE:
		if (rd->read(rd->ctx, a[2], &dedupe, sizeof(dedupe)) == sizeof(dedupe))
			counted_regions(a[2], sizeof(dedupe), dedupe.dest_count,
					sizeof(struct file_dedupe_range_info), l);
		break;
	}
}

/* fcntl commands of Linux 6.18 whose argument is a value, beside those in `fcntls`. */
static bool fcntl_known(uint32_t cmd)
{
	for (size_t i = 0; i < ARRAY_LEN(fcntls); i++) {
		if (fcntls[i].cmd == cmd)
			return true;
	}
	return cmd <= F_SETFL || (cmd >= 8 /* F_SETOWN */ && cmd <= 11 /* F_GETSIG */) ||
	       (cmd >= F_SETLEASE && cmd <= F_GET_SEALS);
}

/* The operations of Linux 6.18; those that write memory are in `prctls` and prctl_regions. */
static bool prctl_known(uint32_t op)
{
	return op <= 79 || op == PR_SET_VMA || op == PR_SET_PTRACER || op == 0x41555856 /* PR_GET_AUXV */;
}

static enum odd_sockopt sockopt(int64_t nr, const uint64_t a[6])
{
	if (nr != SYS_getsockopt && nr != SYS_setsockopt)
		return SOCKOPT_PLAIN;
	return odd_sockopt(nr == SYS_getsockopt, (uint32_t)a[1], (uint32_t)a[2]);
}

bool abi_undescribed(int64_t nr, const uint64_t a[6])
{
	switch (nr) {
	case SYS_ioctl:
		return ioctl_lookup((uint32_t)a[1]).dir == IOD_UNKNOWN;
	case SYS_fcntl:
		return !fcntl_known((uint32_t)a[1]);
	case SYS_prctl:
		return !prctl_known((uint32_t)a[0]);
	}
	return sockopt(nr, a) == SOCKOPT_ELSEWHERE;
}

bool abi_refused(int64_t nr, const uint64_t a[6])
{
	return (nr == SYS_ioctl && ioctl_lookup((uint32_t)a[1]).dir == IOD_REFUSED) ||
	       sockopt(nr, a) == SOCKOPT_REFUSED;
}

uint64_t abi_command(int64_t nr, const uint64_t a[6])
{
	return (uint32_t)(nr == SYS_prctl ? a[0] : nr == SYS_getsockopt || nr == SYS_setsockopt ? a[2] : a[1]);
}

int64_t abi_refusal(int64_t nr)
{
	return nr == SYS_ioctl ? -ENOTTY : nr == SYS_setsockopt || nr == SYS_getsockopt ? -ENOPROTOOPT : -EINVAL;
}

void abi_special_regions(int64_t nr, const uint64_t a[6], const struct abi_reader *rd,
			 region_list *l)
{
	switch (nr) {
	case SYS_fcntl:
		by_command(fcntls, ARRAY_LEN(fcntls), (uint32_t)a[1], a[2], 2, l);
		break;
	case SYS_prctl:
		by_command(prctls, ARRAY_LEN(prctls), (uint32_t)a[0], a[1], 1, l);
		if (a[0] == PR_SET_MM && a[1] == PR_SET_MM_MAP_SIZE)
			fixed(l, a[2], 4, DIR_OUT, 2);
		if (a[0] == 62 /* PR_SCHED_CORE */ && !a[1])
			fixed(l, a[4], 8, DIR_OUT, 4);
		if (a[0] == 0x41555856 /* PR_GET_AUXV */)
			fixed(l, a[1], a[2] < 4096 ? a[2] : 4096, DIR_OUT, 1);
		break;
	case SYS_arch_prctl:
		by_command(arch_prctls, ARRAY_LEN(arch_prctls), (uint32_t)a[0], a[1], 1, l);
		break;
	case SYS_shmctl:
		by_command(shmctls, ARRAY_LEN(shmctls), (uint32_t)a[1], a[2], 2, l);
		break;
	case SYS_msgctl:
		by_command(msgctls, ARRAY_LEN(msgctls), (uint32_t)a[1], a[2], 2, l);
		break;
	case SYS_semctl:
		by_command(semctls, ARRAY_LEN(semctls), (uint32_t)a[2], a[3], 3, l);
		if ((uint32_t)a[2] == GETALL)
			semctl_all(a, rd, l);
		break;
	case SYS_mincore:
		if (a[1] < (1ull << 40))
			fixed(l, a[2], (a[1] + 4095) / 4096, DIR_OUT, 2);
		break;
	case SYS_futex:
		futex_regions(a, l);
		break;
	case SYS_ioctl:
		ioctl_regions(a, rd, l);
		break;
	case SYS_quotactl:
		by_command(quotas, ARRAY_LEN(quotas), (uint32_t)a[0] >> 8, a[3], 3, l);
		break;
	case SYS_keyctl:
		keyctl_regions(a, rd, l);
		break;
	case SYS_seccomp:
		seccomp_regions(a, l);
		break;
	case SYS_name_to_handle_at:
		handle_regions(a, rd, l);
		break;
	}
}
