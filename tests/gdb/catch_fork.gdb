# catch fork stops at each fork of the parent, which is in its call then.
# program: forks
catch fork
continue
#> Catchpoint 1 \(forked process \d+\)
backtrace
#> main
info inferiors
#> \* 1 +process
#! \n +2 
continue
#> Catchpoint 1 \(forked process \d+\)
continue
#> No more reverse-execution history
