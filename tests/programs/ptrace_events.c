/* The events that options ask for: fork, vfork, clone, exec, exit; what they say; the children are traced too. */
#include "check.h"

#include <sys/ptrace.h>

static int child(void)
{
	pid_t pid = fork();
	if (!pid)
		_exit(2);
	reap(pid, 2);
	pid = vfork();
	if (!pid)
		_exit(4);
	reap(pid, 4);
	execl("/bin/true", "true", NULL);
	return 1;
}

int main(void)
{
	int st;
	unsigned long msg;
	bool done = false;
	pid_t pid = fork(), kids[2] = {0};
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		_exit(child());
	}
	CHECK(waitpid(pid, &st, 0) == pid && WIFSTOPPED(st) && WSTOPSIG(st) == SIGSTOP);
	CHECK(!ptrace(PTRACE_SETOPTIONS, pid, 0,
		      PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACECLONE |
			      PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL));
	CHECK(ptrace(PTRACE_SETOPTIONS, pid, 0, 1 << 30) == -1 && errno == EINVAL);
	CHECK(!ptrace(PTRACE_CONT, pid, 0, 0));
	unsigned seen = 0, forks = 0, starts = 0, ends = 0;
	while (!done) {
		pid_t who = waitpid(-1, &st, __WALL);
		CHECK(who > 0);
		if (!WIFSTOPPED(st)) {
			ends++;
			done = who == pid;
			continue;
		}
		int ev = st >> 16;
		CHECK(WSTOPSIG(st) == SIGTRAP || WSTOPSIG(st) == SIGSTOP || WSTOPSIG(st) == SIGCHLD);
		CHECK(!ptrace(PTRACE_GETEVENTMSG, who, 0, &msg));
		seen |= 1u << ev;
		if (ev == PTRACE_EVENT_FORK || ev == PTRACE_EVENT_VFORK)
			kids[forks++] = (pid_t)msg;
		if (ev == PTRACE_EVENT_EXIT && who == pid)
			CHECK(msg == 0);
		if (ev == PTRACE_EVENT_EXIT && who != pid)
			CHECK(msg == (who == kids[0] ? 2 << 8 : 4 << 8));
		if (ev == PTRACE_EVENT_EXEC)
			CHECK(msg == (unsigned long)pid);
		starts += WSTOPSIG(st) == SIGSTOP;
		CHECK(!ptrace(PTRACE_CONT, who, 0, ev || WSTOPSIG(st) == SIGSTOP ? 0 : WSTOPSIG(st)));
	}
	CHECK(WIFEXITED(st) && WEXITSTATUS(st) == 0);
	CHECK(seen == (1u | 1u << PTRACE_EVENT_FORK | 1u << PTRACE_EVENT_VFORK | 1u << PTRACE_EVENT_VFORK_DONE |
		       1u << PTRACE_EVENT_EXEC | 1u << PTRACE_EVENT_EXIT));
	CHECK(forks == 2 && starts == 2 && ends == 3);
	return 0;
}
