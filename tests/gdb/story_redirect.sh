# A signal comes while the program waits in a call; its handler writes another address into its frame, and sigreturn goes to a function that
# reports the error and exits (rr's issue 3285). From the exit backwards: who called the function? The handler did; what was interrupted?
cat > monitor.c <<'C'
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

static int pipes[2];

static void report(void)
{
	static const char text[] = "no data came\n";
	for (int i = 0; i < 3; i++)
		write(2, text, strlen(text));
	_exit(3);
}

static void on_alarm(int sig, siginfo_t *si, void *p)
{
	ucontext_t *frame = p;
	char note[32];
	int n = snprintf(note, sizeof(note), "signal %d\n", sig);
	write(2, note, n); /* a call in the handler */
	frame->uc_mcontext.gregs[REG_RIP] = (greg_t)report; /* redirects */
	frame->uc_mcontext.gregs[REG_RSP] &= -16;
	frame->uc_mcontext.gregs[REG_RSP] -= 136;
	(void)si;
}

static void wait_for_data(void)
{
	char c;
	while (read(pipes[0], &c, 1) == 1)
		;
}

int main(void)
{
	struct sigaction sa = {.sa_sigaction = on_alarm, .sa_flags = SA_SIGINFO};
	struct itimerval it = {.it_value.tv_usec = 100000};
	for (int i = 0; i < 100; i++)
		getppid();
	pipe(pipes);
	sigaction(SIGALRM, &sa, NULL);
	write(pipes[1], "xyz", 3);
	setitimer(ITIMER_REAL, &it, NULL);
	wait_for_data();
	return 0;
}
C
cc -g -O0 -w monitor.c -o monitor
"$REPRISE" record -o "$TMP/t" -- ./monitor > "$TMP/recorded" 2>&1 || true
line=$(grep -n '/\* redirects \*/' monitor.c | cut -d: -f1)
debug 'continue' 'backtrace' 'break *report' 'reverse-continue' 'backtrace' 'reverse-stepi' 'x/i $pc' 'print $rax' 'delete' 'break on_alarm' 'reverse-continue' \
	'backtrace' "tbreak $line" 'continue' 'next' 'info symbol frame->uc_mcontext.gregs[16]' \
	'last-write frame->uc_mcontext.gregs[16]' 'delete' 'handle SIGALRM stop print' 'reverse-continue' 'backtrace' 'print $_siginfo.si_signo' 'stepi' 'backtrace 1' 'continue'
want 'has exited with status 3' '^#[0-9]+ .*report' 'Breakpoint 1, .*report' '^#0 +report' '(syscall|sigreturn)' '= 15$' \
	'Breakpoint 2, on_alarm' '^#0 +on_alarm' '^#1 +<signal handler called>' '^#[0-9]+ .*read' '^#[0-9]+ .*wait_for_data' '^#[0-9]+ .*main' \
	'report in section .text' 'Old value = ' 'New value = ' "on_alarm .*monitor.c:$line" \
	'received signal SIGALRM' '^#0 .*read' '^#[0-9]+ .*wait_for_data' '= 14$' '^#0 +on_alarm' 'has exited with status 3'
# No frame is the recorder's.
refuse '0x7a3[de][0-9a-f]{4} '
