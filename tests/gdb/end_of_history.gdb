# At the end of the recording the program is still there to be looked at, and backwards works.
# program: calls
continue
#> No more reverse-execution history
print total
#> = 20$
break leaf
reverse-continue
#> leaf \(n=7\)
