# back and forward go through the places where one has been.
# program: calls
break leaf
continue
seek 100%
back
print n
#> = 3$
forward
back
print n
#> = 3$
back
#> nothing is remembered
