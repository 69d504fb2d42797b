# Backwards over a fork the child's inferior goes, and comes again forwards.
# program: forks
set detach-on-fork off
set schedule-multiple on
break compute
continue
#> compute \(n=4\)
reverse-continue
#> Inferior 2 .* exited
inferior 1
backtrace
#> main
continue
#> Breakpoint 1.*compute \(n=4\)
backtrace
#> main
info inferiors
#> \n\* 3 +process
