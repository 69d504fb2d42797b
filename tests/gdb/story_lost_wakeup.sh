# A program hangs until a watchdog kills it. All threads can be looked at as they were then; back to where the job was added, the
# thread that waits for it is seen to be between its look and its wait: the wake-up is lost.
cat > jobs.c <<'C'
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;
static int jobs;
static int log_pipe[2], go_pipe[2];

static void write_log(void)
{
	char c;
	write(log_pipe[1], "x", 1);
	read(go_pipe[0], &c, 1);
}

static void take_job(void)
{
	if (!jobs) {
		write_log();
		pthread_mutex_lock(&lock);
		pthread_cond_wait(&more, &lock);
		pthread_mutex_unlock(&lock);
	}
	jobs--;
}

static void *worker(void *p)
{
	take_job();
	puts("done");
	return p;
}

static void add_job(void)
{
	pthread_mutex_lock(&lock);
	jobs++;
	pthread_cond_signal(&more);
	pthread_mutex_unlock(&lock);
}

int main(void)
{
	pthread_t t;
	char c;
	pipe(log_pipe);
	pipe(go_pipe);
	pthread_create(&t, NULL, worker, NULL);
	read(log_pipe[0], &c, 1);
	add_job();
	write(go_pipe[1], "x", 1);
	alarm(1);
	return pthread_join(t, NULL);
}
C
cc -g -O0 -w -pthread jobs.c -o jobs
"$REPRISE" record -o "$TMP/t" -- ./jobs > "$TMP/recorded" 2>&1 || true
debug 'continue' 'info threads' 'thread apply all backtrace' 'print jobs' 'last-write jobs' 'thread apply all backtrace' 'thread 2' \
	'up' 'break pthread_cond_wait' 'continue' 'print jobs' 'delete' 'continue' 'info threads'
# At the end: both threads wait, though there is a job.
want 'killed by SIGALRM' '^\* 1 +Thread' '^  2 +Thread' '^Thread 2 ' '^#[0-9]+ .*pthread_cond_wait' '^#[0-9]+ .*take_job' '^Thread 1 ' '^#[0-9]+ .*main' \
	'= 1$' 'Old value = 0' 'New value = 1' '^#0 .*add_job' '^Thread 2 ' '^#[0-9]+ .*write_log' '^#[0-9]+ .*take_job' '^Thread 1 ' '^#0 .*add_job' '^#1 .*main' \
	'Switching to thread 2' 'read|syscall' 'Thread 2 .*hit Breakpoint.*pthread_cond_wait' '= 1$' 'killed by SIGALRM' '^\* 1 +Thread' '^  2 +Thread'
# When the job is added the thread does not wait yet.
sed -n '/New value = 1/,/Switching to thread 2/p' "$TMP/out" > "$TMP/add"
! grep pthread_cond_wait "$TMP/add"
