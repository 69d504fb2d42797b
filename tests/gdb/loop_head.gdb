# A breakpoint on a line of a loop stops once a pass, and backwards as often.
# program: calls
break {main: loop} if i >= 0
continue
print i
#> = 0$
continue
print i
#> = 1$
continue
print i
#> = 2$
reverse-continue
print i
#> = 1$
reverse-continue
print i
#> = 0$
