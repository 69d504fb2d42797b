/* Structures of files: stat, statx, statfs, locks, directories, open_how. */
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "abi/printer.h"
#include "base/mem.h"

static void dev(struct buf *b, const char *name, uint64_t d)
{
	print_text(b, "%s=makedev(%#x, %#x)", name, major(d), minor(d));
}

static void when(struct buf *b, const char *name, int64_t sec, uint64_t nsec)
{
	print_text(b, "%s=%lld", name, (long long)sec);
	print_date(b, sec, nsec);
	print_text(b, ", %s_nsec=%llu", name, (unsigned long long)nsec);
}

static bool is_device(mode_t m)
{
	return S_ISCHR(m) || S_ISBLK(m);
}

static void stat_text(struct shown *s, const struct stat *st)
{
	struct buf *b = s->b;
	print_text(b, "{");
	if (s->c->how->verbose) {
		dev(b, "st_dev", st->st_dev);
		print_text(b, ", st_ino=%llu, ", (unsigned long long)st->st_ino);
	}
	print_text(b, "st_mode=");
	print_mode(b, st->st_mode, true);
	if (s->c->how->verbose)
		print_text(b, ", st_nlink=%llu, st_uid=%u, st_gid=%u, st_blksize=%llu, st_blocks=%llu",
			   (unsigned long long)st->st_nlink, st->st_uid, st->st_gid,
			   (unsigned long long)st->st_blksize, (unsigned long long)st->st_blocks);
	if (is_device(st->st_mode)) {
		print_text(b, ", ");
		dev(b, "st_rdev", st->st_rdev);
	} else {
		print_text(b, ", st_size=%lld", (long long)st->st_size);
	}
	if (!s->c->how->verbose) {
		print_text(b, ", ...}");
		return;
	}
	print_text(b, ", ");
	when(b, "st_atime", st->st_atim.tv_sec, (uint64_t)st->st_atim.tv_nsec);
	print_text(b, ", ");
	when(b, "st_mtime", st->st_mtim.tv_sec, (uint64_t)st->st_mtim.tv_nsec);
	print_text(b, ", ");
	when(b, "st_ctime", st->st_ctim.tv_sec, (uint64_t)st->st_ctim.tv_nsec);
	print_text(b, "}");
}

static void statx_time(struct buf *b, const char *name, const struct statx_timestamp *t)
{
	print_text(b, "%s={tv_sec=%lld, tv_nsec=%u}", name, (long long)t->tv_sec, t->tv_nsec);
	print_date(b, t->tv_sec, t->tv_nsec);
}

static void statx_text(struct shown *s, const struct statx *x)
{
	static const struct name bits[] = {
		{4, "STATX_ATTR_COMPRESSED"},	   {0x10, "STATX_ATTR_IMMUTABLE"},
		{0x20, "STATX_ATTR_APPEND"},	   {0x40, "STATX_ATTR_NODUMP"},
		{0x800, "STATX_ATTR_ENCRYPTED"},   {0x1000, "STATX_ATTR_AUTOMOUNT"},
		{0x2000, "STATX_ATTR_MOUNT_ROOT"}, {0x100000, "STATX_ATTR_VERITY"},
		{0x200000, "STATX_ATTR_DAX"},
	};
	static const struct name_table attributes = {bits, ARRAY_LEN(bits), 0, 1, NULL};
	struct buf *b = s->b;
	print_text(b, "{stx_mask=");
	print_value(s->c, b, T_STATXMASK, x->stx_mask);
	if (s->c->how->verbose)
		print_text(b, ", stx_blksize=%u", x->stx_blksize);
	print_text(b, ", stx_attributes=");
	print_flags(b, &attributes, x->stx_attributes);
	if (s->c->how->verbose)
		print_text(b, ", stx_nlink=%u, stx_uid=%u, stx_gid=%u", x->stx_nlink, x->stx_uid, x->stx_gid);
	print_text(b, ", stx_mode=");
	print_mode(b, x->stx_mode, true);
	if (s->c->how->verbose)
		print_text(b, ", stx_ino=%llu", (unsigned long long)x->stx_ino);
	print_text(b, ", stx_size=%llu", (unsigned long long)x->stx_size);
	if (!s->c->how->verbose) {
		print_text(b, ", ...}");
		return;
	}
	print_text(b, ", stx_blocks=%llu, stx_attributes_mask=", (unsigned long long)x->stx_blocks);
	print_flags(b, &attributes, x->stx_attributes_mask);
	print_text(b, ", ");
	statx_time(b, "stx_atime", &x->stx_atime);
	print_text(b, ", ");
	statx_time(b, "stx_btime", &x->stx_btime);
	print_text(b, ", ");
	statx_time(b, "stx_ctime", &x->stx_ctime);
	print_text(b, ", ");
	statx_time(b, "stx_mtime", &x->stx_mtime);
	print_text(b, ", stx_rdev_major=%u, stx_rdev_minor=%u, stx_dev_major=%u, stx_dev_minor=%u}",
		   x->stx_rdev_major, x->stx_rdev_minor, x->stx_dev_major, x->stx_dev_minor);
}

static void statfs_text(struct buf *b, const struct statfs *f)
{
	static const struct name kinds[] = {
		{0xef53, "EXT2_SUPER_MAGIC"},
		{0x01021994, "TMPFS_MAGIC"},
		{0x9fa0, "PROC_SUPER_MAGIC"},
		{0x62656572, "SYSFS_MAGIC"},
		{0x58465342, "XFS_SUPER_MAGIC"},
		{0x9123683e, "BTRFS_SUPER_MAGIC"},
		{0x794c7630, "OVERLAYFS_SUPER_MAGIC"},
		{0x1cd1, "DEVPTS_SUPER_MAGIC"},
		{0x6969, "NFS_SUPER_MAGIC"},
		{0x27e0eb, "CGROUP_SUPER_MAGIC"},
		{0x63677270, "CGROUP2_SUPER_MAGIC"},
		{0x65735546, "FUSE_SUPER_MAGIC"},
		{0x01021997, "V9FS_MAGIC"},
		{0xf97cff8c, "SELINUX_MAGIC"},
		{0x50494446, "PID_FS_MAGIC"},
		{0x6e736673, "NSFS_MAGIC"},
		{0x73717368, "SQUASHFS_MAGIC"},
		{0x4d44, "MSDOS_SUPER_MAGIC"},
	};
	static const struct name_table types = {kinds, ARRAY_LEN(kinds), 0, 0, NULL};
	static const struct name bits[] = {
		{0x20, "ST_VALID"},	 {1, "ST_RDONLY"},	     {2, "ST_NOSUID"},
		{4, "ST_NODEV"},	 {8, "ST_NOEXEC"},	     {0x10, "ST_SYNCHRONOUS"},
		{0x40, "ST_MANDLOCK"},	 {0x400, "ST_NOATIME"},	     {0x800, "ST_NODIRATIME"},
		{0x1000, "ST_RELATIME"}, {0x2000, "ST_NOSYMFOLLOW"},
	};
	static const struct name_table flags = {bits, ARRAY_LEN(bits), 0, 1, NULL};
	print_text(b, "{f_type=");
	print_named(b, &types, (uint64_t)f->f_type, "%#llx");
	print_text(b,
		   ", f_bsize=%llu, f_blocks=%llu, f_bfree=%llu, f_bavail=%llu, f_files=%llu, f_ffree=%llu",
		   (unsigned long long)f->f_bsize, (unsigned long long)f->f_blocks,
		   (unsigned long long)f->f_bfree, (unsigned long long)f->f_bavail,
		   (unsigned long long)f->f_files, (unsigned long long)f->f_ffree);
	print_text(b,
		   ", f_fsid={val=[%#x, %#x]}, f_namelen=%llu, f_frsize=%llu, f_flags=", f->f_fsid.__val[0],
		   f->f_fsid.__val[1], (unsigned long long)f->f_namelen, (unsigned long long)f->f_frsize);
	print_flags(b, &flags, (uint64_t)f->f_flags);
	print_text(b, "}");
}

/* strace tells how many there are; with -v, each. */
static bool directory(struct shown *s)
{
	static const char *const types[16] = {"DT_UNKNOWN", "DT_FIFO", "DT_CHR",  NULL,	    "DT_DIR",
					      NULL,	    "DT_BLK",  NULL,	  "DT_REG", NULL,
					      "DT_LNK",	    NULL,      "DT_SOCK", NULL,	    "DT_WHT"};
	uint8_t *p = xmalloc(s->n + 1);
	bool is64 = s->c->nr == SYS_getdents64;
	unsigned n = 0;
	uint16_t len;
	size_t got = printer_read(s->c, s->addr, true, p, s->n);
	if (s->c->how->verbose)
		print_text(s->b, "[");
	for (size_t at = 0; at + 19 <= got; at += len, n++) {
		memcpy(&len, p + at + 16, 2);
		if (len < 19 || at + len > got)
			break;
		if (!s->c->how->verbose)
			continue;
		uint64_t ino, off;
		const char *type = types[(is64 ? p[at + 18] : p[at + len - 1]) & 15];
		memcpy(&ino, p + at, 8);
		memcpy(&off, p + at + 8, 8);
		print_text(s->b, "%s{d_ino=%llu, d_off=%lld, d_reclen=%u, ", n ? ", " : "",
			   (unsigned long long)ino, (long long)off, len);
		if (is64)
			print_text(s->b, "d_type=%s, ", type ? type : "DT_UNKNOWN");
		print_text(s->b, "d_name=");
		const uint8_t *name = p + at + (is64 ? 19 : 18);
		print_quoted(s->b, name, strnlen((const char *)name, len - 19u), false, false);
		if (!is64)
			print_text(s->b, ", d_type=%s", type ? type : "DT_UNKNOWN");
		print_text(s->b, "}");
	}
	if (s->c->how->verbose)
		print_text(s->b, "]");
	else
		print_text(s->b, "%#llx /* %u entries */", (unsigned long long)s->addr, n);
	free(p);
	return true;
}

static void open_how_text(struct shown *s, const uint64_t how[3])
{
	static const struct name bits[] = {
		{1, "RESOLVE_NO_XDEV"}, {2, "RESOLVE_NO_MAGICLINKS"}, {4, "RESOLVE_NO_SYMLINKS"},
		{8, "RESOLVE_BENEATH"}, {16, "RESOLVE_IN_ROOT"},      {32, "RESOLVE_CACHED"},
	};
	static const struct name_table resolve = {bits, ARRAY_LEN(bits), 0, 1, NULL};
	print_text(s->b, "{flags=");
	print_value(s->c, s->b, T_OPEN, how[0]);
	if (how[0] & (O_CREAT | 020000000) || how[1]) {
		print_text(s->b, ", mode=");
		print_mode(s->b, (uint32_t)how[1], false);
	}
	print_text(s->b, ", resolve=");
	print_flags(s->b, &resolve, how[2]);
	print_text(s->b, "}");
}

bool print_file_struct(struct shown *s, int type)
{
	union {
		struct stat st;
		struct statx x;
		struct statfs f;
		uint64_t how[3];
		int32_t fds[2];
	} u;
	size_t n = type == T_STAT	? sizeof(u.st)
		   : type == T_STATX	? sizeof(u.x)
		   : type == T_STATFS	? sizeof(u.f)
		   : type == T_OPEN_HOW ? sizeof(u.how)
		   : type == T_FDPAIR	? sizeof(u.fds)
					: 0;
	if (type == T_DIRENTS)
		return directory(s);
	if (!n || printer_read(s->c, s->addr, s->out, &u, n) != n)
		return false;
	switch (type) {
	case T_STAT:
		stat_text(s, &u.st);
		break;
	case T_STATX:
		statx_text(s, &u.x);
		break;
	case T_STATFS:
		statfs_text(s->b, &u.f);
		break;
	case T_OPEN_HOW:
		open_how_text(s, u.how);
		break;
	case T_FDPAIR:
		print_text(s->b, "[");
		print_fd(s->c, s->b, u.fds[0]);
		print_text(s->b, ", ");
		print_fd(s->c, s->b, u.fds[1]);
		print_text(s->b, "]");
		break;
	}
	return true;
}
