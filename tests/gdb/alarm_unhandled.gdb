# A timer's signal ends a process that waits in a call: gdb shows the signal, at the call.
# program: aborts wait
handle SIGALRM stop print
continue
#> received signal SIGALRM
backtrace
#> pause
#> waits
