# A child that is debugged alone begins at its fork; stepping back goes no further.
# program: forks
set follow-fork-mode child
break compute
continue
reverse-continue
#> No more reverse-execution history
backtrace
#> fork.*\n.*main
reverse-continue
#> No more reverse-execution history
reverse-stepi
#> No more reverse-execution history
continue
#> compute \(n=4\)
reverse-next
reverse-stepi
reverse-continue
#> No more reverse-execution history
