# The same in a buffered call.
# program: syscalls
catch syscall getppid
continue
backtrace
#> #0 .*syscall
#> ask
#> main
#! in \?\? \(\)$
continue
backtrace
#> ask
#> main
#! in \?\? \(\)$
