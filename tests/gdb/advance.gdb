# advance runs to a function, whoever calls it.
# program: calls
break main
continue
advance factorial
#> factorial \(n=6\)
