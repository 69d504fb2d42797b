# run, while gdb has several processes: those that are not there at the beginning leave it.
# program: forks
set detach-on-fork off
set schedule-multiple on
break compute
continue
#> compute \(n=4\)
run
#> compute \(n=4\)
info inferiors
#> \n +1 +process
#> \n\* \d+ +process
continue
#> exited with code 021
run
#> compute \(n=4\)
