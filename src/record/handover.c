/* Descriptors of the recorder's for tasks. A task opens /proc/RECORDER/fd/N, where it may and sees that. One
 * that has changed its user, its root, or its pid or mount namespace does not: it makes a pair of sockets,
 * the recorder takes a copy of one of them (pidfd_getfd) and sends the descriptor over it. */
#include "record/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "layout.h"
#include "task/remote.h"

/* What the task's calls need in its memory. */
struct parcel {
	int pair[2];
	struct msghdr msg;
	struct iovec iov;
	char byte;
	_Alignas(8) char control[CMSG_SPACE(sizeof(int))];
};

/* A call of the task, with the instruction at `ip`, or 0: with the runtime. Its result, or -errno. */
static int64_t one(struct rtask *t, uint64_t ip, int64_t nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	struct remote_call call = {nr, {a, b, c, d, (uint64_t)-1, 0}, 0};
	int rc = ip ? remote_at(t->tid, ip, &call) : remote_batch(t->tid, &call, 1, REMOTE_RECORD);
	return rc ? rc : call.result;
}

/* Send `fd` to whoever has the other end of `sock`. 0 or -1. */
static int send_fd(int sock, int fd)
{
	struct parcel p = {.iov = {&p.byte, 1}};
	p.msg = (struct msghdr){.msg_iov = &p.iov, .msg_iovlen = 1};
	p.msg.msg_control = p.control;
	p.msg.msg_controllen = sizeof(p.control);
	struct cmsghdr *c = CMSG_FIRSTHDR(&p.msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	return sendmsg(sock, &p.msg, MSG_DONTWAIT | MSG_NOSIGNAL) == 1 ? 0 : -1;
}

/* Send `fd` over the socket that is `theirs` in the task. 0 or -1. */
static int send_to(const struct rtask *t, int theirs, int fd)
{
	int rc = -1, process = (int)syscall(SYS_pidfd_open, t->proc->tgid, 0);
	int sock = process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, theirs, 0);
	if (sock >= 0) {
		rc = send_fd(sock, fd);
		close(sock);
	}
	if (process >= 0)
		close(process);
	return rc;
}

/* The task has its pair of sockets: the descriptor that it receives, or -errno. */
static int receive(struct rtask *t, uint64_t ip, uint64_t at, struct parcel *p, int fd)
{
	int got = -EBADF;
	p->msg.msg_iov = (struct iovec *)(at + offsetof(struct parcel, iov));
	p->msg.msg_iovlen = 1;
	p->msg.msg_control = (void *)(at + offsetof(struct parcel, control));
	p->msg.msg_controllen = sizeof(p->control);
	p->iov = (struct iovec){(void *)(at + offsetof(struct parcel, byte)), 1};
	if (send_to(t, p->pair[0], fd) || mem_write(t->tid, at, p, sizeof(*p)))
		return -EPERM;
	int64_t n = one(t, ip, SYS_recvmsg, (uint64_t)p->pair[1], at + offsetof(struct parcel, msg),
			MSG_CMSG_CLOEXEC | MSG_DONTWAIT, 0);
	if (n == 1 && mem_read(t->tid, at, p, sizeof(*p)) == sizeof(*p) &&
	    p->msg.msg_controllen >= CMSG_LEN(sizeof(int)))
		memcpy(&got, p->control + CMSG_LEN(0), sizeof(int));
	return got;
}

int handover(struct rtask *t, uint64_t ip, int fd)
{
	struct parcel p = {0};
	int got = -ENOMEM;
	int64_t at = one(t, ip, SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
	if (at < 0 && at > -4096)
		return (int)at;
	int64_t r = one(t, ip, SYS_socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, (uint64_t)at);
	if (!r && mem_read(t->tid, (uint64_t)at, &p.pair, sizeof(p.pair)) == sizeof(p.pair)) {
		got = receive(t, ip, (uint64_t)at, &p, fd);
		one(t, ip, SYS_close, (uint64_t)p.pair[0], 0, 0, 0);
		one(t, ip, SYS_close, (uint64_t)p.pair[1], 0, 0, 0);
	}
	one(t, ip, SYS_munmap, (uint64_t)at, 4096, 0, 0);
	return got;
}

bool handover_other_pids(const struct rtask *t)
{
	char path[64], own[64] = "", theirs[64] = "";
	snprintf(path, sizeof(path), "/proc/%d/ns/pid", t->tid);
	return readlink("/proc/self/ns/pid", own, sizeof(own) - 1) > 0 &&
	       readlink(path, theirs, sizeof(theirs) - 1) > 0 && strcmp(own, theirs);
}

struct remote_call handover_open(struct rtask *t, int fd)
{
	char path[64];
	if (!t->mm->hidden) {
		int n = snprintf(path, sizeof(path), "/proc/%d/fd/%d", getpid(), fd);
		mem_write(t->tid, RUNTIME_SPARE, path, (size_t)n + 1);
		return (struct remote_call){
			SYS_openat, {(uint64_t)AT_FDCWD, RUNTIME_SPARE, O_RDONLY | O_CLOEXEC}, 0};
	}
	uint64_t theirs = (uint64_t)handover(t, 0, fd);
	return (struct remote_call){SYS_dup2, {theirs, theirs}, 0}; /* its result is the descriptor */
}

bool handover_failed(struct rtask *t, const struct remote_call *open)
{
	int64_t r = open->result;
	if (t->mm->hidden || (r != -ENOENT && r != -EACCES && r != -EPERM && r != -ENOTDIR))
		return false;
	t->mm->hidden = true;
	return true;
}
