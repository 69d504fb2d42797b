# With schedule-multiple off the breakpoints of the chosen inferior stop; of others their end is told.
# program: forks
set detach-on-fork off
break compute
continue
#> Inferior 2 .* exited with code 021
#! hit Breakpoint
inferior 1
continue
#> compute \(n=17\)
catch fork
continue
#> Catchpoint 2 \(forked
delete
break _exit
stepi
inferior 3
continue
#> is executing new program: .*true
#> Thread 3.1 .*_exit
