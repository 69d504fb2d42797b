# run starts again from the beginning, and the breakpoints stay.
# program: calls
break leaf
continue
continue
print n
#> = 7$
run
#> leaf \(n=3\)
print n
#> = 3$
run
print n
#> = 3$
