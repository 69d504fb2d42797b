/* Interface ioctls. */
#include "check.h"

#include <net/if.h>
int main(void)
{
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	struct ifreq r = {0}, many[16];
	struct ifconf c = {.ifc_len = sizeof(many), .ifc_req = many};
	strcpy(r.ifr_name, "lo");
	CHECK(!ioctl(s, SIOCGIFFLAGS, &r) && !ioctl(s, SIOCGIFINDEX, &r) && !ioctl(s, SIOCGIFCONF, &c));
	SHOW("index %d, %d bytes", r.ifr_ifindex, c.ifc_len);
	return 0;
}
