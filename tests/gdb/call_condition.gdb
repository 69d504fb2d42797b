# A breakpoint's condition may call a function of the program.
# program: calls
break leaf if factorial(n) > 100
continue
print n
backtrace
#> = 7$
#> middle \(n=3\)
continue
#> No more reverse
