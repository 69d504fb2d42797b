/* uids, groups, umask, hostname, capabilities and their version. */
#include "check.h"

#include <linux/capability.h>

int main(void)
{
	struct utsname u;
	gid_t g[64];
	uid_t r, e, s;
	CHECK(!uname(&u) && getgroups(64, g) >= 0 && !getresuid(&r, &e, &s));
	SHOW("%s %s %u %u %u %o", u.nodename, u.release, r, e, s, umask(022));
	struct __user_cap_header_struct h = {.version = 1};
	struct __user_cap_data_struct d[2] = {{0}};
	/* It fails, and says which version it would like. */
	CHECK(syscall(SYS_capget, &h, d) == -1 && errno == EINVAL && h.version == _LINUX_CAPABILITY_VERSION_3);
	CHECK(!syscall(SYS_capget, &h, d));
	SHOW("%x %x", h.version, d[0].permitted);
	return 0;
}
