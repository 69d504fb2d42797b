/* exec that fails leaves everything as it was. */
#include "check.h"

int main(void)
{
	CHECK(execl("/nonexistent", "x", NULL) == -1 && errno == ENOENT);
	CHECK(execl("/etc/passwd", "x", NULL) == -1 && errno == EACCES);
	CHECK(execl("/", "x", NULL) == -1 && errno == EACCES);
	SHOW("still here");
	return 0;
}
