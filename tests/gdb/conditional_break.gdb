# A condition stops only where it is true, in both directions.
# program: calls
break factorial if n % 2 == 0
continue
#> factorial \(n=6\)
continue
#> factorial \(n=4\)
continue
#> factorial \(n=2\)
reverse-continue
#> factorial \(n=4\)
