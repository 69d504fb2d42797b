# At a caught call the backtrace leads from libc to main, without frames of the recorder.
# program: syscalls
catch syscall clock_nanosleep
continue
backtrace
#> #0 .*nanosleep
#> wait_a_bit
#> main
#! in \?\? \(\)$
continue
backtrace
#> wait_a_bit
#> main
#! in \?\? \(\)$
