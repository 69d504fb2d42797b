# finish runs to the caller and shows what the function returned.
# program: calls
break leaf
continue
finish
#> Run till exit
#> Value returned is \$1 = 7$
