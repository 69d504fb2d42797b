# start stops at main again.
# program: calls
break factorial
continue
start
#> main \(\)
