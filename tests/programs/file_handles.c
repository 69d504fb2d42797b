/* name_to_handle_at and open_by_handle_at, where they are allowed. */
#include "check.h"

int main(void)
{
	struct {
		struct file_handle h;
		char room[128];
	} f = {.h.handle_bytes = 0};
	int mnt;
	if (name_to_handle_at(AT_FDCWD, "/etc/passwd", &f.h, &mnt, 0) == -1 && errno == EOVERFLOW) {
		CHECK(!name_to_handle_at(AT_FDCWD, "/etc/passwd", &f.h, &mnt, 0));
		SHOW("%u bytes, type %d, mount %d", f.h.handle_bytes, f.h.handle_type, mnt);
	}
	return 0;
}
