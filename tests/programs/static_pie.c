/* build: -static-pie */
/* A static position-independent program. */
#include "check.h"

int main(int argc, char **argv)
{
	SHOW("%d %s %p", argc, argv[0] ? "named" : "", (void *)main);
	return 0;
}
