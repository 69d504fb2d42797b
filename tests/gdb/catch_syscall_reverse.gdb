# Backwards a call is caught at its return, then at its start.
# program: syscalls
break {main: last}
continue
catch syscall pipe pipe2 clock_nanosleep getppid
reverse-continue
#> returned from syscall getppid
reverse-continue
#> call to syscall getppid
reverse-continue
#> returned from syscall.*nanosleep
reverse-continue
#> call to syscall.*nanosleep
reverse-continue
#> returned from syscall.*pipe
reverse-continue
#> call to syscall.*pipe
reverse-continue
#> returned from syscall getppid
