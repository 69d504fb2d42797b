# A function that is called may take memory: more than the heap has, and in mappings of its own.
# program: inferior
break {main: print}
continue
print sum_of_many(50)
set $p = (char *)malloc(3000000)
set var $p[2999999] = 'x'
print $p[2999999]
print twice(2)
next
#> = 50$
#> 'x'$
#> = 4$
#> increment
