#include "abi/ioctls.h"

#include <pthread.h>
#include <stdlib.h>

#include "abi/ioctls_rows.h"

/* clang-format off */
/* Numbers that have a parameter. */
static const struct ioctl_row patterns[] = {
	A(0x80004506, EVIOCGNAME, 1), A(0x80004507, EVIOCGPHYS, 1), A(0x80004508, EVIOCGUNIQ, 1),
	A(0x80004509, EVIOCGPROP, 1), {0x8000450a, "EVIOCGMTSLOTS", IOD_INOUT, IOF_ANY_SIZE, 0, 1},
	A(0x80004518, EVIOCGKEY, 1), A(0x80004519, EVIOCGLED, 1), A(0x8000451a, EVIOCGSND, 1),
	A(0x8000451b, EVIOCGSW, 1), A(0x80004520, EVIOCGBIT, 32), A(0x80004540, EVIOCGABS, 64),
	A(0x400045c0, EVIOCSABS, 64), A(0x8000552c, UI_GET_SYSNAME, 1), A(0x80006a13, JSIOCGNAME, 1),
	A(0x80004804, HIDIOCGRAWNAME, 1), A(0x80004805, HIDIOCGRAWPHYS, 1), A(0xc0004806, HIDIOCSFEATURE, 1),
	A(0xc0004807, HIDIOCGFEATURE, 1), A(0x80004808, HIDIOCGRAWUNIQ, 1), A(0xc0004809, HIDIOCSINPUT, 1),
	A(0xc000480a, HIDIOCGINPUT, 1), A(0xc000480b, HIDIOCSOUTPUT, 1), A(0xc000480c, HIDIOCGOUTPUT, 1),
	A(0x80004806, HIDIOCGNAME, 1), A(0x80004812, HIDIOCGPHYS, 1), A(0x80005520, USBDEVFS_CONNINFO_EX, 1),
	A(0xc000ff0b, PIDFD_GET_INFO, 1), {0x40006b00, "SPI_IOC_MESSAGE", IOD_UNKNOWN, IOF_ANY_SIZE, 0, 1},
	M(0x80044d00, SOUND_MIXER_READ, 32), M(0xc0044d00, SOUND_MIXER_WRITE, 32),
};
/* clang-format on */

static const struct ioctl_family *const families[] = {&ioctls_block,  &ioctls_dev,   &ioctls_fs,
						      &ioctls_kernel, &ioctls_media, &ioctls_net,
						      &ioctls_sound,  &ioctls_tty};

/* All rows by number: made once, never changed, never freed. */
static const struct ioctl_row **by_number;
static size_t nrows;

static int compare(const void *a, const void *b)
{
	uint32_t x = (*(const struct ioctl_row *const *)a)->cmd,
		 y = (*(const struct ioctl_row *const *)b)->cmd;
	return x < y ? -1 : x > y;
}

static void sort_rows(void)
{
	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		nrows += families[i]->n;
	by_number = xmalloc(nrows * sizeof(*by_number));
	size_t at = 0;
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		for (size_t k = 0; k < families[i]->n; k++)
			by_number[at++] = &families[i]->rows[k];
	}
	qsort(by_number, nrows, sizeof(*by_number), compare);
}

static bool matches(const struct ioctl_row *p, uint32_t cmd)
{
	uint32_t base = p->flags & IOF_ANY_SIZE ? cmd & ~(0x3fffu << 16) : cmd;
	return base >= p->cmd && base - p->cmd < p->span;
}

struct ioctl_row ioctl_lookup(uint32_t cmd)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct ioctl_row key = {.cmd = cmd};
	const struct ioctl_row *want = &key, **found;
	pthread_once(&once, sort_rows);
	found = bsearch(&want, by_number, nrows, sizeof(*by_number), compare);
	if (found)
		return **found;
	for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
		if (!matches(&patterns[i], cmd))
			continue;
		struct ioctl_row row = patterns[i];
		row.cmd = cmd;
		row.size = (uint16_t)IOC_SIZE(cmd);
		return row;
	}
	return (struct ioctl_row){.cmd = cmd, .dir = IOD_UNKNOWN};
}

const struct ioctl_row *ioctl_row_at(size_t i)
{
	ioctl_lookup(0);
	return i < nrows ? by_number[i] : NULL;
}
