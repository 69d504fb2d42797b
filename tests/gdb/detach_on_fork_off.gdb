# set detach-on-fork off: gdb has both processes, with the memory and registers of each.
# program: forks
set detach-on-fork off
set follow-fork-mode child
break compute
continue
#> Thread 2.1 .*compute \(n=4\)
info inferiors
#> \n +1 +process
#> \n\* 2 +process
info threads
#> 1\.1
#> \* 2\.1
backtrace
#> compute.*\n.*main
print $_exitcode
inferior 1
backtrace
#> (arch_fork|_Fork).*\n
#> main
#! compute
