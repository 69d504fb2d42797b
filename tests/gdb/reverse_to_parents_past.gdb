# From the child back over its fork into the parent's past.
# program: forks
break {main: fork}
set detach-on-fork off
set schedule-multiple on
continue
tbreak compute
continue
#> compute \(n=4\)
reverse-continue
#> Inferior 2 .* exited
inferior 1
reverse-continue
#> Breakpoint 1.*main
info locals
#> pid = 
info inferiors
#! process.*\n.*process
reverse-continue
#> No more reverse-execution history
