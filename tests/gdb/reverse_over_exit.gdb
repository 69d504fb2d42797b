# Backwards over the end of a process that was debugged: it stops there, in that process.
# program: forks
set detach-on-fork off
set schedule-multiple on
break {main: print}
continue
#> Inferior 2 .* exited with code 021
inferior 1
break compute
continue
#> compute \(n=17\)
reverse-continue
#> Thread 3.1 .*stopped
backtrace
#> main
reverse-continue
#> Breakpoint 2.*compute \(n=4\)
