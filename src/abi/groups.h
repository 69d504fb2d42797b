/* Groups of system calls, as strace's "%file" names them. */
#ifndef ABI_GROUPS_H
#define ABI_GROUPS_H

#include <stdbool.h>
#include <stdint.h>

/* Is there a group of that name (without '%')? */
bool sys_group_known(const char *group);
bool sys_in_group(int64_t nr, const char *group);

#endif
