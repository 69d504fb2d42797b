/* The exit status is kept. */
#include "check.h"

int main(void)
{
	SHOW("leaving");
	return 7; /* status: 7 */
}
