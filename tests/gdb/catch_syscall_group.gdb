# catch syscall group:process stops at calls of the group only.
# program: syscalls
catch syscall group:process
continue
#> call to syscall
#! call to syscall (mmap|openat|read|fstat)
