# reverse-continue goes back to the stop before, with the values of then.
# program: calls
break leaf
continue
continue
print total
#> \$1 = 6$
reverse-continue
#> Breakpoint 1, leaf \(n=3\)
print total
#> \$2 = 0$
continue
#> Breakpoint 1, leaf \(n=7\)
