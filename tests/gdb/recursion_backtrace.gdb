# At the bottom of a recursion the backtrace shows every frame, and finish goes up one by one.
# program: calls
break factorial if n == 1
continue
backtrace
#> #0 .* factorial \(n=1\)
#> #5 .* factorial \(n=6\)
#> #6 .* main
finish
#> factorial \(n=2\)
#> Value returned is \$1 = 1$
finish
#> Value returned is \$2 = 2$
