/* build: -pthread */
/* Processes and threads write the memory of others that run meanwhile: by process_vm_writev in many pieces, and
 * through /proc/PID/mem by each call that writes; and read it. A target that a signal has stopped in the middle
 * of its code is written to as well. */
#include "check.h"

#define ROUNDS 60

static volatile long cell, pieces[200];
static int how, mem;

/* What it sees, and when, depends on the moment of each write. */
static void watch(void)
{
	unsigned long hash = 0, turns = 0;
	for (long last = 0, v; (v = cell) < ROUNDS; turns++) {
		if (v != last)
			hash = hash * 31 + (unsigned long)v + turns;
		last = v;
		getppid();
	}
	SHOW("hash %lx after %lu turns", hash, turns);
}

static void write_cell(pid_t to, long v)
{
	struct iovec here = {&v, 8}, there[201];
	off_t at = (off_t)(uintptr_t)&cell;
	switch (how) {
	case 0:
		for (int i = 0; i < 200; i++)
			there[i] = (struct iovec){(void *)&pieces[i], 8};
		there[200] = (struct iovec){(void *)&cell, 8};
		long from[201];
		for (int i = 0; i < 201; i++)
			from[i] = v;
		here = (struct iovec){from, sizeof(from)};
		CHECK(process_vm_writev(to, &here, 1, there, 201, 0) == sizeof(from));
		return;
	case 1:
		CHECK(pwrite(mem, &v, 8, at) == 8);
		return;
	case 2:
		CHECK(lseek(mem, at, SEEK_SET) == at && write(mem, &v, 8) == 8);
		return;
	case 3:
		CHECK(lseek(mem, at, SEEK_SET) == at && writev(mem, &here, 1) == 8);
		return;
	case 4:
		CHECK(pwritev(mem, &here, 1, at) == 8);
		return;
	}
}

static void open_memory(pid_t of)
{
	char path[32];
	snprintf(path, sizeof(path), "/proc/%d/mem", of);
	mem = open(path, O_RDWR);
	CHECK(mem >= 0);
}

static void write_all(pid_t to)
{
	for (long i = 1; i <= ROUNDS; i++) {
		write_cell(to, i);
		if (i % 10 == 0)
			usleep(100);
	}
}

static void other_process(void)
{
	pid_t k = fork();
	if (!k) {
		watch();
		CHECK(how || pieces[199] == ROUNDS);
		_exit(0);
	}
	open_memory(k);
	write_all(k);
	reap(k, 0);
	close(mem);
}

static void *watch_thread(void *p)
{
	watch();
	return p;
}

static void own_process(void)
{
	pthread_t t;
	cell = 0;
	CHECK(!pthread_create(&t, NULL, watch_thread, NULL));
	open_memory(getpid());
	write_all(getpid());
	CHECK(!pthread_join(t, NULL));
	close(mem);
	cell = 0;
}

static void stopped_process(void)
{
	int st;
	pid_t k = fork();
	if (!k) {
		watch();
		_exit(0);
	}
	for (long i = 1; i <= ROUNDS; i++) {
		CHECK(!kill(k, SIGSTOP) && waitpid(k, &st, WUNTRACED) == k && WIFSTOPPED(st));
		write_cell(k, i);
		CHECK(!kill(k, SIGCONT));
	}
	reap(k, 0);
}

/* Its counter is read while it counts. */
static void read_running(void)
{
	long sum = 0, v = 0;
	pid_t k = fork();
	if (!k) {
		for (;; cell++)
			getppid();
	}
	struct iovec here = {&v, 8}, there = {(void *)&cell, 8};
	open_memory(k);
	for (int i = 0; i < ROUNDS; i++) {
		CHECK(process_vm_readv(k, &here, 1, &there, 1, 0) == 8);
		sum = sum * 7 + v;
		usleep(50);
		CHECK(pread(mem, &v, 8, (off_t)(uintptr_t)&cell) == 8);
		sum = sum * 7 + v;
	}
	SHOW("sum %lx", sum);
	kill(k, SIGKILL);
	CHECK(waitpid(k, NULL, 0) == k);
	close(mem);
}

int main(void)
{
	for (how = 0; how <= 4; how++)
		other_process();
	for (how = 0; how <= 1; how++)
		own_process();
	how = 0;
	stopped_process();
	read_running();
	return 0;
}
