# A breakpoint in a called function stops there; the function can be finished, and others called meanwhile.
# program: inferior
break {main: first}
continue
break twice
print twice(100)
backtrace
#> Breakpoint 2, twice \(n=100\)
#> #0  twice \(n=100\)
#> <function called from gdb>
#> main \(\)
print increment()
next
print r
finish
backtrace
#> = 6$
#> = 200$
#> Value returned is .* = 200
#> #0 +main
continue
print n
backtrace
#> = 5$
#! called from gdb
