#include "cli/debug.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "cli/cli.h"

/* Waits for the program end now and then, so that the client's interrupts are seen. */
static void on_alarm(int sig)
{
	(void)sig;
}

static void set_clock(bool on)
{
	struct sigaction sa = {.sa_handler = on_alarm};
	struct itimerval it = {{0, on ? 50000 : 0}, {0, on ? 50000 : 0}};
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &it, NULL);
}

/* --- a client that connects to a port --- */

static int bind_one(const char *host, int *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)*port)};
	socklen_t len = sizeof(a);
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool known = inet_pton(AF_INET, host, &a.sin_addr) == 1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (!known || fd < 0 || bind(fd, (struct sockaddr *)&a, len) ||
	    getsockname(fd, (struct sockaddr *)&a, &len)) {
		int e = errno;
		if (fd >= 0)
			close(fd);
		return known ? err_sys(e, "cannot listen on %s:%d", host, *port)
			     : err_set("'%s' is no IPv4 address to listen on", host);
	}
	*port = ntohs(a.sin_port);
	return fd;
}

/* Take the address. Port 0: *port becomes one that is free, taken once more by its number: only then a socket
 * that does not listen any more keeps it. */
static int bind_to(const char *host, int *port)
{
	bool any = !*port;
	int fd = bind_one(host, port), chosen = fd;
	if (fd >= 0 && any) {
		fd = bind_one(host, port);
		close(chosen);
	}
	return fd;
}

/* Whose process is at the other end of a connection within this machine? Another user's is refused. The
 * kernel lists sockets by local address; the peer's local one is our remote one. */
static bool is_ours(int fd)
{
	struct sockaddr_in peer, own;
	socklen_t len = sizeof(peer);
	char line[512];
	unsigned la, lp, ra, rp, uid;
	bool found = false, ours = false;
	if (getpeername(fd, (struct sockaddr *)&peer, &len) || getsockname(fd, (struct sockaddr *)&own, &len))
		return false;
	if (ntohl(peer.sin_addr.s_addr) >> 24 != 127)
		return true; /* the user has asked to listen there */
	FILE *f = fopen("/proc/net/tcp", "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, " %*u: %x:%x %x:%x %*x %*x:%*x %*x:%*x %*x %u", &la, &lp, &ra, &rp, &uid) !=
		    5)
			continue;
		if (la == peer.sin_addr.s_addr && lp == ntohs(peer.sin_port) && ra == own.sin_addr.s_addr &&
		    rp == ntohs(own.sin_port)) {
			found = true;
			ours = uid == getuid();
		}
	}
	if (f)
		fclose(f);
	return found && ours;
}

/* Wait on `l` for a client of this user. Others that come while it is there are refused by the kernel. */
static int accept_client(int l)
{
	int fd;
	while ((fd = accept4(l, NULL, NULL, SOCK_CLOEXEC)) < 0 || !is_ours(fd)) {
		if (fd < 0 && errno != EINTR && errno != ECONNABORTED)
			return -1;
		if (fd < 0)
			continue;
		say("refused a connection of another user");
		close(fd);
	}
	shutdown(l, SHUT_RDWR); /* the port stays taken */
	return fd;
}

/* One client, from the beginning of the recording on. */
static int serve_client(const struct debug_options *opt, int l, const char *host, int port)
{
	struct session *s = server_begin(&opt->server);
	if (!s)
		return -1;
	if (listen(l, 1)) {
		server_end(s);
		return err_sys(errno, "cannot listen on %s:%d", host, port);
	}
	say("waiting for a debugger: gdb -ex 'target remote %s:%d', or lldb -o 'gdb-remote %s:%d'", host,
	    port, host, port);
	int fd = accept_client(l);
	if (fd >= 0) {
		set_clock(true);
		server_run(s, fd);
		set_clock(false);
		close(fd);
	}
	server_end(s);
	return fd < 0 ? err_sys(errno, "cannot accept a connection") : 0;
}

static int serve_port(struct debug_options *opt)
{
	const char *host = opt->host ? opt->host : "127.0.0.1";
	int rc, port = opt->port, l = bind_to(host, &port);
	if (l < 0)
		return -1;
	opt->server.interrupts = -1;
	do
		rc = serve_client(opt, l, host, port);
	while (!rc && opt->keep);
	close(l);
	return rc;
}

/* --- gdb --- */

/* What the server says when it has begun: gdb reads this machine's files, or all from the server. */
enum { FILES_LOCAL = 'l', FILES_RECORDED = 'r' };

/* A socket that only this user can reach. Its name goes at once, so that nothing stays behind however the
 * session ends: gdb connects by way of *name, a descriptor that it inherits. */
static int listen_here(int *name)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	char dir[] = "/tmp/reprise-gdb-XXXXXX";
	if (!mkdtemp(dir))
		return err_sys(errno, "cannot make a directory for gdb's connection");
	snprintf(a.sun_path, sizeof(a.sun_path), "%s/socket", dir);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok = fd >= 0 && !bind(fd, (struct sockaddr *)&a, sizeof(a)) && !listen(fd, 1);
	*name = ok ? open(a.sun_path, O_PATH) : -1;
	int e = errno;
	unlink(a.sun_path);
	rmdir(dir);
	if (*name >= 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return err_sys(e, "cannot listen for gdb");
}

/* The file with gdb's commands: beside the program in the build folder, else where it is installed. Owned by
 * the caller; NULL: it is nowhere. */
static char *find_commands(void)
{
	static const char *const places[] = {"", "../share/reprise/"};
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	self[n > 0 ? n : 0] = 0;
	char *name = strrchr(self, '/');
	if (name)
		name[1] = 0;
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		char *path = xasprintf("%s%sgdb-commands.py", self, places[i]);
		if (!access(path, R_OK))
			return path;
		free(path);
	}
	return NULL;
}

/* Signals that the process above gdb and the server waits for. */
static void block_signals(int how)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	sigprocmask(how, &set, NULL);
}

/* This process ends when the one that started it does, however that ends. */
static void end_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent) /* it has ended already */
		_exit(EXIT_TROUBLE);
}

/* When the server on `ready` has begun, start gdb. It says which files gdb shall read. */
static void exec_gdb(const struct debug_options *opt, pid_t parent, int name, int ready)
{
	char files = 0;
	VEC(char *) argv = {0};
	block_signals(SIG_UNBLOCK);
	end_with(parent);
	if (read(ready, &files, 1) != 1)
		_exit(EXIT_TROUBLE); /* the server has said why */
	*VEC_PUSH(&argv) = xstrdup(opt->gdb ? opt->gdb : "gdb");
	const char *first[] = {"-q", "-iex", "set confirm off", "-iex", "set remotetimeout 60"};
	for (size_t i = 0; i < ARRAY_LEN(first); i++)
		*VEC_PUSH(&argv) = xstrdup(first[i]);
	*VEC_PUSH(&argv) = xstrdup("-iex");
	*VEC_PUSH(&argv) = xstrdup(files == FILES_LOCAL ? "set sysroot /" : "set sysroot target:");
	char *commands = find_commands();
	if (commands) {
		*VEC_PUSH(&argv) = xstrdup("-iex");
		*VEC_PUSH(&argv) = xasprintf("source %s", commands);
		free(commands);
	}
	*VEC_PUSH(&argv) = xstrdup("-ex");
	*VEC_PUSH(&argv) = xasprintf("target remote /proc/self/fd/%d", name);
	if (opt->script) {
		*VEC_PUSH(&argv) = xstrdup("-x");
		*VEC_PUSH(&argv) = xstrdup(opt->script);
	}
	for (char **a = opt->gdb_args; a && *a; a++)
		*VEC_PUSH(&argv) = *a;
	*VEC_PUSH(&argv) = NULL;
	execvp(argv.at[0], argv.at);
	say("cannot start %s: %s; install it (apt install gdb), or use reprise replay -s PORT with another "
	    "debugger",
	    argv.at[0], strerror(errno));
	_exit(EXIT_TROUBLE);
}

/* The server's process: out of the way of what the terminal sends to gdb. */
static void serve_gdb(const struct debug_options *opt, pid_t parent, int l, int ready)
{
	block_signals(SIG_UNBLOCK);
	setpgid(0, 0);
	signal(SIGTTOU, SIG_IGN); /* what the program wrote appears on gdb's terminal */
	end_with(parent);
	struct session *s = server_begin(&opt->server);
	char files = s && server_local_files(s) ? FILES_LOCAL : FILES_RECORDED;
	if (!s || write(ready, &files, 1) != 1) {
		say("%s", s ? "gdb could not be started" : err_msg());
		_exit(EXIT_TROUBLE);
	}
	close(ready);
	int fd = accept4(l, NULL, NULL, SOCK_CLOEXEC);
	close(l);
	if (fd < 0) {
		say("%s", strerror(errno));
		_exit(EXIT_TROUBLE);
	}
	set_clock(true);
	server_run(s, fd);
	server_end(s);
	_exit(0);
}

/* Wait until gdb ends. gdb hears of ^C itself, and passes it on while it waits for a stop, but not while it
 * waits for the end of a `monitor` command, such as a long seek: so the server learns of each ^C from here
 * too. */
static int wait_for(pid_t gdb, int interrupts)
{
	int status = 0;
	pid_t ended;
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	while (!(ended = waitpid(gdb, &status, WNOHANG)) || (ended < 0 && errno == EINTR)) {
		if (sigwaitinfo(&set, NULL) == SIGINT)
			(void)!write(interrupts, "", 1);
	}
	return status;
}

static int with_gdb(struct debug_options *opt)
{
	int status = 0, ready[2], interrupts[2], name = -1, l = listen_here(&name);
	pid_t self = getpid(), gdb, server;
	if (l < 0)
		return -1;
	if (pipe2(ready, O_CLOEXEC) || pipe2(interrupts, O_CLOEXEC | O_NONBLOCK))
		return err_sys(errno, "cannot make a pipe");
	opt->server.interrupts = interrupts[0];
	block_signals(SIG_BLOCK);
	server = fork();
	if (!server) {
		close(name);
		serve_gdb(opt, self, l, ready[1]);
	}
	close(l);
	close(ready[1]);
	gdb = server < 0 ? -1 : fork();
	if (!gdb)
		exec_gdb(opt, self, name, ready[0]);
	close(ready[0]);
	close(name);
	signal(SIGQUIT, SIG_IGN); /* gdb's */
	if (gdb > 0)
		status = wait_for(gdb, interrupts[1]);
	if (server > 0) {
		kill(server, SIGTERM); /* it ends by itself when the connection does, unless none came */
		waitpid(server, NULL, 0);
	}
	return gdb < 0		   ? err_sys(errno, "cannot fork")
	       : WIFEXITED(status) ? WEXITSTATUS(status)
				   : 128 + WTERMSIG(status);
}

int debug_run(struct debug_options *opt)
{
	int rc = opt->serve ? serve_port(opt) : with_gdb(opt);
	if (rc >= 0)
		return rc;
	say("%s", err_msg());
	return EXIT_TROUBLE;
}
