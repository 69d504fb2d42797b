/* A recursion whose frames need more stack than a program begins with. */
#include <string.h>

static int deep(int n)
{
	char local[4096];
	memset(local, 'x', sizeof(local));
	if (n)
		return deep(n - 1) + local[n];
	return local[0]; /* deep: bottom */
}

int main(void)
{
	return deep(200) == 0;
}
