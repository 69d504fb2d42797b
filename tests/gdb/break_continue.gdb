# A breakpoint stops at each call of its function, and the arguments are there.
# program: calls
break leaf
continue
#> Breakpoint 1, leaf \(n=3\)
continue
#> Breakpoint 1, leaf \(n=7\)
continue
#> No more reverse-execution history|exited
