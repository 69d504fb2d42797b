# catch syscall by number: 230 is clock_nanosleep, which is traced.
# program: syscalls
catch syscall 230
continue
#> call to syscall.*nanosleep
continue
#> returned from syscall.*nanosleep
