/* A file whose ioctls the test answers itself: a FUSE file system that is one file. */
#ifndef FUSE_FILE_H
#define FUSE_FILE_H
#include "check.h"

#include <linux/fuse.h>
#include <sys/mount.h>

#define FUSE_BUF 0x21000

static char fuse_path[] = "/tmp/reprise-fuse-XXXXXX";

/* Mount it; the descriptor to serve it by, or -1: it may not be mounted here, which is printed. */
static inline int fuse_mount(void)
{
	char options[100];
	if (unshare(CLONE_NEWNS) && unshare(CLONE_NEWUSER | CLONE_NEWNS)) {
		SHOW("skipped: no mount namespaces here");
		return -1;
	}
	int file = mkstemp(fuse_path), dev = open("/dev/fuse", O_RDWR);
	/* Seen by nobody else, but where / is not where something is mounted (in a chroot). */
	CHECK(file >= 0 && !close(file) && (!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) || errno == EINVAL));
	snprintf(options, sizeof(options), "fd=%d,rootmode=100644,user_id=0,group_id=0", dev);
	if (dev < 0 || mount("test", fuse_path, "fuse", MS_NOSUID | MS_NODEV, options)) {
		unlink(fuse_path);
		SHOW("skipped: FUSE is not here, or not allowed");
		return -1;
	}
	return dev;
}

static inline void fuse_umount(void)
{
	umount2(fuse_path, MNT_FORCE | MNT_DETACH); /* nobody waits for an answer any more */
	unlink(fuse_path);
}

static inline void fuse_answer(int dev, uint64_t id, int error, const void *data, size_t len)
{
	char out[8192];
	struct fuse_out_header h = {.len = (uint32_t)(sizeof(h) + len), .error = error, .unique = id};
	memcpy(out, &h, sizeof(h));
	memcpy(out + sizeof(h), data, len);
	CHECK(write(dev, out, h.len) == (ssize_t)h.len);
}

/* Answer requests until the file system is gone, or one of kind `last` is answered. `answer` is asked for each ioctl: it fills `out`
 * with as many bytes as may be written, and returns the result. If the caller has been interrupted
 * by then it gets EINTR. */
static inline void fuse_serve(int dev, uint32_t last, int (*answer)(const struct fuse_ioctl_in *in, char *out))
{
	static char buf[FUSE_BUF];
	ssize_t n;
	const struct fuse_in_header *h = (void *)buf;
	while ((n = read(dev, buf, sizeof(buf))) > 0) {
		const void *body = h + 1;
		if (h->opcode == FUSE_INIT) {
			struct fuse_init_out o = {.major = 7, .minor = 31, .max_write = 4096};
			fuse_answer(dev, h->unique, 0, &o, sizeof(o));
		} else if (h->opcode == FUSE_GETATTR) {
			struct fuse_attr_out o = {.attr_valid = 3600, .attr = {.ino = 1, .mode = S_IFREG | 0644, .nlink = 1}};
			fuse_answer(dev, h->unique, 0, &o, sizeof(o));
		} else if (h->opcode == FUSE_OPEN) {
			struct fuse_open_out o = {.fh = 1};
			fuse_answer(dev, h->unique, 0, &o, sizeof(o));
		} else if (h->opcode == FUSE_IOCTL) {
			const struct fuse_ioctl_in *in = body;
			char out[sizeof(struct fuse_ioctl_out) + 4096] = "";
			struct fuse_ioctl_out o = {.result = answer(in, out + sizeof(o))};
			struct pollfd more = {.fd = dev, .events = POLLIN};
			memcpy(out, &o, sizeof(o));
			if (poll(&more, 1, 0) > 0)
				fuse_answer(dev, h->unique, -EINTR, NULL, 0);
			else
				fuse_answer(dev, h->unique, 0, out, sizeof(o) + in->out_size);
		} else if (h->opcode != FUSE_FORGET && h->opcode != FUSE_INTERRUPT) {
			fuse_answer(dev, h->unique, h->opcode == FUSE_FLUSH || h->opcode == FUSE_RELEASE ? 0 : -ENOSYS,
				    NULL, 0);
		}
		if (h->opcode == last)
			break;
	}
}
#endif
