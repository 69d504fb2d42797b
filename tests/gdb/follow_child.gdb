# set follow-fork-mode child: the child is debugged, to its end.
# program: forks
set follow-fork-mode child
break compute
continue
#> Attaching after .* fork to child
#> Breakpoint 1, compute \(n=4\)
info inferiors
#> \n\* 2 +process
continue
#> No more reverse-execution history
backtrace
#> main
