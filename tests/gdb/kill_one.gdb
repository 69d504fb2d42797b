# kill takes one process from gdb; the recording goes on as it did.
# program: forks
set detach-on-fork off
set schedule-multiple on
break compute
continue
kill
#> Inferior 2 .* killed
inferior 1
continue
#> compute \(n=17\)
