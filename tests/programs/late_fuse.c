/* build: -pthread */
/* A process serves a file system by one thread and uses it by another, with calls of all kinds that wait for
 * the server: what they write appears when they return. */
#include "check.h"

#include <linux/fuse.h>
#include <sys/mount.h>

static const char text[] = "served by ourselves\n";
static volatile int answered;
static volatile char seen;
static struct stat st;

static void answer(int fd, const struct fuse_in_header *in, int error, const void *data, size_t len)
{
	struct fuse_out_header h = {(uint32_t)(sizeof(h) + len), -error, in->unique};
	struct iovec v[2] = {{&h, sizeof(h)}, {(void *)data, len}};
	answered++;
	CHECK(writev(fd, v, 2) == (ssize_t)h.len || errno == ENOENT /* unmounted */);
}

static struct fuse_attr attributes(uint64_t node)
{
	return (struct fuse_attr){.ino = node,
				  .size = node == 1 ? 0 : sizeof(text) - 1,
				  .mode = node == 1 ? S_IFDIR | 0755 : S_IFREG | 0644,
				  .nlink = 1,
				  .mtime = 1234567};
}

static void serve_one(int fd, const struct fuse_in_header *in)
{
	struct fuse_init_out init = {.major = 7, .minor = 31, .max_write = 4096, .max_readahead = 0};
	struct fuse_entry_out entry = {.nodeid = 2, .attr = attributes(2)};
	struct fuse_attr_out attr = {.attr = attributes(in->nodeid)};
	struct fuse_open_out open = {.fh = 1, .open_flags = FOPEN_DIRECT_IO};
	struct fuse_statfs_out fs = {.st = {.blocks = 77, .bsize = 4096, .namelen = 255}};
	const struct fuse_read_in *r = (const void *)(in + 1);
	size_t left = r->offset < sizeof(text) - 1 ? sizeof(text) - 1 - r->offset : 0;
	if (in->opcode != FUSE_INIT)
		pause_ms(3);
	/* Not yet written: who looks now must not see what comes. */
	seen |= st.st_mtime != 0;
	switch (in->opcode) {
	case FUSE_INIT:
		answer(fd, in, 0, &init, sizeof(init));
		break;
	case FUSE_LOOKUP:
		answer(fd, in, strcmp((const char *)(in + 1), "file") ? ENOENT : 0, &entry,
		       strcmp((const char *)(in + 1), "file") ? 0 : sizeof(entry));
		break;
	case FUSE_GETATTR:
		answer(fd, in, 0, &attr, sizeof(attr));
		break;
	case FUSE_OPEN:
		answer(fd, in, 0, &open, sizeof(open));
		break;
	case FUSE_READ:
		answer(fd, in, 0, text + (sizeof(text) - 1 - left), left < r->size ? left : r->size);
		break;
	case FUSE_STATFS:
		answer(fd, in, 0, &fs, sizeof(fs));
		break;
	case FUSE_READLINK:
	case FUSE_MKDIR:
	case FUSE_UNLINK:
		answer(fd, in, EPERM, NULL, 0);
		break;
	case FUSE_FLUSH:
	case FUSE_RELEASE:
		answer(fd, in, 0, NULL, 0);
		break;
	case FUSE_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		answer(fd, in, ENOSYS, NULL, 0);
	}
}

static void *server(void *arg)
{
	static uint64_t buf[(FUSE_MIN_READ_BUFFER + 4096) / 8];
	int fd = *(int *)arg;
	while (read(fd, buf, sizeof(buf)) > 0)
		serve_one(fd, (const struct fuse_in_header *)buf);
	return NULL;
}

int main(void)
{
	pthread_t t;
	char options[100], buf[100] = "";
	struct statfs fs = {0};
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (fd < 0 || unshare(CLONE_NEWNS) || (mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) && errno != EINVAL)) {
		SHOW("skipped: no /dev/fuse, or no right to mount");
		return 0;
	}
	CHECK(!mkdir("mnt", 0755) || errno == EEXIST);
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (mount("test", "mnt", "fuse", MS_NOSUID | MS_NODEV, options)) {
		SHOW("skipped: cannot mount (%s)", strerror(errno));
		return 0;
	}
	CHECK(!pthread_create(&t, NULL, server, &fd));
	CHECK(!stat("mnt/file", &st) && st.st_size == (off_t)sizeof(text) - 1 && st.st_mtime == 1234567 && !seen);
	SHOW("stat after %d answers", answered);
	CHECK(access("mnt/none", R_OK) && errno == ENOENT);
	CHECK(!statfs("mnt", &fs) && fs.f_blocks == 77);
	CHECK(mkdir("mnt/dir", 0700) && errno == EPERM);
	int f = open("mnt/file", O_RDONLY);
	CHECK(f >= 0 && read(f, buf, sizeof(buf)) == (ssize_t)sizeof(text) - 1 && !strcmp(buf, text));
	CHECK(!fstat(f, &st) && pread(f, buf, 6, 10) == 6 && !memcmp(buf, "oursel", 6));
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, f, 0) == MAP_FAILED && errno == ENODEV);
	CHECK(dup2(1, f) == f); /* closes it: a flush */
	CHECK(!umount2("mnt", MNT_DETACH) && !rmdir("mnt"));
	SHOW("%d answers", answered);
	fflush(stdout);
	_exit(0);
}
