# Where ptrace is forbidden, the message says which setting to change.
cat > p.c <<'C'
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int argc, char **argv) { struct sock_filter f[] = {{0x20, 0, 0, offsetof(struct seccomp_data, nr)}, {0x15, 0, 1, SYS_ptrace}, {6, 0, 0, SECCOMP_RET_ERRNO | 1}, {6, 0, 0, SECCOMP_RET_ALLOW}};
 struct sock_fprog p = {4, f}; prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); prctl(PR_SET_SECCOMP, 2, &p); execv(argv[1], argv + 1); return argc; }
C
cc p.c -o p
set +e; ./p $REPRISE record -o t true 2> err; c=$?; set -e
[ $c = 125 ] && grep -q ptrace_scope err && grep -q SYS_PTRACE err && [ $(wc -l < err) = 1 ] || { echo "status $c"; cat err; exit 1; }
[ ! -e t ] || [ -z "$(ls t)" ]
