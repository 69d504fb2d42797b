# seek 100% leads to the end of the process, which can be looked at.
# program: calls
seek 100%
print total
#> = 20$
break leaf
reverse-continue
#> leaf \(n=7\)
