/* Terminal ioctls: size, attributes, controlling process group. */
#include "check.h"

#include <pty.h>
int main(void)
{
	int m, s;
	struct winsize ws = {30, 100, 0, 0};
	CHECK(!openpty(&m, &s, NULL, NULL, &ws));
	memset(&ws, 0, sizeof(ws));
	CHECK(!ioctl(s, TIOCGWINSZ, &ws) && ws.ws_row == 30 && ws.ws_col == 100);
	struct termios t;
	CHECK(!tcgetattr(s, &t));
	cfmakeraw(&t);
	CHECK(!tcsetattr(s, TCSANOW, &t));
	int n = -1;
	struct pollfd f = {s, POLLIN, 0}; /* the line discipline runs later, in a kernel thread */
	CHECK(write(m, "abc", 3) == 3 && poll(&f, 1, 5000) == 1);
	CHECK(!ioctl(s, FIONREAD, &n) && n == 3);
	char name[64];
	CHECK(!ptsname_r(m, name, sizeof(name)));
	SHOW("%s", name);
	return 0;
}
