# What was recorded cannot be changed.
# program: calls
break leaf
continue
set var total = 99
#> annot
print total
#> = 0$
