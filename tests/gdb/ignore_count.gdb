# ignore passes a number of hits.
# program: calls
break {main: loop}
ignore 1 5
continue
print i
#> = 5$
info breakpoints
#> already hit 6 times
