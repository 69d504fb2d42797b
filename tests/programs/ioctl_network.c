/* tun, bridges, veth pairs, and questions about interfaces, in a network namespace of its own. */
#include "check.h"

#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <linux/wireless.h>

static int sock;

static struct ifreq named(const char *name)
{
	struct ifreq r;
	memset(&r, 'x', sizeof(r));
	strcpy(r.ifr_name, name);
	return r;
}

static void tun(void)
{
	struct ifreq r = named("");
	unsigned features = 0;
	int dev = open("/dev/net/tun", O_RDWR), header, buffer;
	if (dev < 0) {
		SHOW("no tun: %d", errno);
		return;
	}
	CHECK(!ioctl(dev, TUNGETFEATURES, &features));
	r.ifr_flags = IFF_TAP | IFF_NO_PI;
	strcpy(r.ifr_name, "reprise%d");
	CHECK(!ioctl(dev, TUNSETIFF, &r));
	SHOW("%s features %x", r.ifr_name, features); /* the kernel writes the name, whatever the number says */
	memset(&r, 0, sizeof(r));
	CHECK(!ioctl(dev, TUNGETIFF, &r) && r.ifr_flags & IFF_TAP);
	CHECK(!ioctl(dev, TUNGETVNETHDRSZ, &header) && !ioctl(dev, TUNGETSNDBUF, &buffer));
	SHOW("%s %d %d", r.ifr_name, header, buffer);
	int net = ioctl(dev, TUNGETDEVNETNS);
	SHOW("net namespace at %d", net);
	struct ifreq mac = named(r.ifr_name);
	CHECK(!ioctl(sock, SIOCGIFHWADDR, &mac));
	for (int i = 0; i < 6; i++)
		SHOW("%02x", (unsigned char)mac.ifr_hwaddr.sa_data[i]);
	close(dev);
}

static void bridge(void)
{
	struct ifreq r = named("br0");
	int ports[64], ifindex;
	unsigned long list[] = {1 /* BRCTL_GET_BRIDGES */, (unsigned long)ports, 64};
	if (ioctl(sock, SIOCBRADDBR, "br0")) {
		SHOW("no bridges: %d", errno);
		return;
	}
	CHECK(!ioctl(sock, SIOCGIFINDEX, &r));
	ifindex = r.ifr_ifindex;
	memset(ports, 0, sizeof(ports));
	int n = ioctl(sock, SIOCGIFBR, list);
	CHECK(n < 0 || ports[0] == ifindex); /* what the pointer in it leads to */
	SHOW("%d %d %d", n, ports[0], ifindex);
	CHECK(!ioctl(sock, SIOCBRDELBR, "br0"));
}

static void ethtool(void)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
	struct {
		struct ethtool_sset_info head;
		uint32_t data[1];
	} sets = {.head = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ull << ETH_SS_FEATURES}};
	struct ifreq r = named("lo");
	r.ifr_data = (void *)&info;
	SHOW("%d %s %s", ioctl(sock, SIOCETHTOOL, &r), info.driver, info.version);
	r.ifr_data = (void *)&sets;
	SHOW("%d %u", ioctl(sock, SIOCETHTOOL, &r), sets.data[0]);
}

int main(void)
{
	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET)) {
		SHOW("skipped: no network namespaces here");
		return 0;
	}
	CHECK((sock = socket(AF_INET, SOCK_DGRAM, 0)) >= 0);
	struct ifreq r = named("lo");
	CHECK(!ioctl(sock, SIOCGIFMTU, &r));
	SHOW("mtu %d", r.ifr_mtu);
	r = named("lo");
	CHECK(!ioctl(sock, SIOCGIFFLAGS, &r));
	r.ifr_flags |= IFF_UP;
	CHECK(!ioctl(sock, SIOCSIFFLAGS, &r) && !ioctl(sock, SIOCGIFTXQLEN, &r));
	r = named("lo");
	r.ifr_addr.sa_family = AF_INET;
	CHECK(!ioctl(sock, SIOCGIFADDR, &r));
	struct iwreq w;
	memset(&w, 0, sizeof(w));
	strcpy(w.ifr_name, "lo");
	CHECK(ioctl(sock, SIOCGIWNAME, &w));
	int queued;
	CHECK(!ioctl(sock, SIOCINQ, &queued) && !queued && !ioctl(sock, SIOCOUTQ, &queued) && !queued);
	tun();
	bridge();
	ethtool();
	return 0;
}
