/* An ioctl that writes through a pointer in its argument, in a process with two threads. */
/* build: -pthread */
#include "check.h"

#include <net/if.h>
#include <pthread.h>

static int done[2];

static void *other(void *arg)
{
	char c;
	CHECK(read(done[0], &c, 1) == 1);
	return arg;
}

int main(void)
{
	pthread_t t;
	struct ifreq many[16];
	struct ifconf c = {.ifc_len = sizeof(many), .ifc_req = many};
	CHECK(!pipe(done) && !pthread_create(&t, NULL, other, NULL));
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	for (int i = 0; i < 5; i++) {
		memset(many, 0, sizeof(many));
		CHECK(!ioctl(s, SIOCGIFCONF, &c));
		CHECK(c.ifc_req == many && c.ifc_len >= (int)sizeof(struct ifreq) && many[0].ifr_name[0]);
		SHOW("%d bytes, %s", c.ifc_len, many[0].ifr_name);
	}
	CHECK(write(done[1], "x", 1) == 1 && !pthread_join(t, NULL));
	return 0;
}
