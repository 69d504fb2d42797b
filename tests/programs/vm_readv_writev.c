/* process_vm_readv and process_vm_writev between processes. */
#include "check.h"

int main(void)
{
	static char text[32] = "child has this", in[32];
	int p[2], q[2];
	char c;
	CHECK(!pipe(p) && !pipe(q));
	pid_t k = fork();
	if (!k) {
		CHECK(read(p[0], &c, 1) == 1);
		_exit(strcmp(text, "parent wrote this") ? 1 : 0);
	}
	struct iovec l = {in, 20}, r = {text, 20};
	CHECK(process_vm_readv(k, &l, 1, &r, 1, 0) == 20 && !strcmp(in, "child has this"));
	strcpy(in, "parent wrote this");
	CHECK(process_vm_writev(k, &l, 1, &r, 1, 0) == 20);
	CHECK(write(p[1], "x", 1) == 1);
	reap(k, 0);
	return 0;
}
