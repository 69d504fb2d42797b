# A temporary breakpoint stops once.
# program: calls
tbreak leaf
continue
#> Temporary breakpoint 1, leaf \(n=3\)
continue
#> No more reverse-execution history|exited
#! leaf
