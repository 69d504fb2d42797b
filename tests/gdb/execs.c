/* Executes itself once, with another argument. */
#include <stdio.h>
#include <unistd.h>

static int first_life(char *self)
{
	execl(self, self, "2", NULL); /* first: exec */
	return 1;
}

static int second_life(void)
{
	puts("second"); /* second: first */
	return 0;
}

int main(int argc, char **argv)
{
	return argc > 1 ? second_life() : first_life(argv[0]);
}
