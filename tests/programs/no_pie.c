/* build: -no-pie */
/* A program at a fixed address. */
#include "check.h"

static int data = 5;
int main(void)
{
	SHOW("%p %d", (void *)&data, data);
	return 0;
}
