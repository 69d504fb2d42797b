# With schedule-multiple on, the breakpoints of all inferiors stop, in the order of the recording.
# program: forks
set detach-on-fork off
set schedule-multiple on
break compute
continue
#> Thread 2.1 .*compute \(n=4\)
info inferiors
#> \n\* 2 +process
continue
#> Inferior 2 .* exited with code 021
inferior 1
continue
#> Thread 1.1 .*compute \(n=17\)
continue
#> is executing new program: .*true
#> Inferior 3 .* exited normally
inferior 1
continue
#> No more reverse-execution history
