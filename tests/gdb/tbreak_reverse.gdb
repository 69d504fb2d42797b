# Temporary and hardware breakpoints stop backwards too, once; commands of a breakpoint are executed at each stop.
# program: calls
break {main: print}
continue
tbreak leaf
reverse-continue
#> Temporary breakpoint 2, leaf \(n=7\)
info breakpoints
#! tbreak|del
reverse-continue
#> No more reverse-execution history
delete
break {main: last}
continue
delete
thbreak leaf
reverse-continue
#> Temporary breakpoint 4, leaf \(n=7\)
hbreak leaf
commands
silent
printf "at %d\n", n
end
reverse-continue
#> at 3
#! Breakpoint
continue
#> at 7
