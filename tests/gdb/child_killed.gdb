# The end of one process among several is told, by a signal too.
# program: vforks
break {main: kill}
set schedule-multiple on
continue
set detach-on-fork off
run
#> Inferior \d+ .* exited with code 03
inferior 1
continue
#> Inferior \d+ .* exited normally
inferior 1
continue
#> Breakpoint 1.*main
info inferiors
#> 4 +process
continue
#> Program terminated with signal SIGKILL
inferior 1
continue
#> No more reverse-execution history
