/* keyctl: add, read, describe, capabilities, revoke, where keyrings are there. */
#include "check.h"

int main(void)
{
	long k = syscall(SYS_add_key, "user", "reprise-test", "secret", 6, -2 /* KEY_SPEC_PROCESS_KEYRING */);
	char b[64] = "";
	if (k < 0)
		return 0;
	CHECK(syscall(SYS_keyctl, 11, k, b, sizeof(b)) == 6 && !memcmp(b, "secret", 6));
	CHECK(syscall(SYS_keyctl, 6, k, b, sizeof(b)) > 0);
	SHOW("%s", b);
	unsigned char caps[64];
	memset(caps, 0xee, sizeof(caps));
	long n = syscall(SYS_keyctl, 31 /* KEYCTL_CAPABILITIES */, caps, sizeof(caps));
	CHECK(n < 0 || (n < 64 && caps[63] == 0)); /* it clears the rest */
	SHOW("%02x %02x", caps[0], caps[1]);
	CHECK(!syscall(SYS_keyctl, 3, k));
	return 0;
}
