# One process among several is detached; the others stay.
# program: forks
set detach-on-fork off
set schedule-multiple on
break compute
continue
#> compute \(n=4\)
detach
#> Inferior 2 .* detached
inferior 1
continue
#> compute \(n=17\)
#! exited
