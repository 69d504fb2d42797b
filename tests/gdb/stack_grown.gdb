# The part of a stack that was added while the program ran can be read.
# program: deep
break {deep: bottom}
continue
print local[0]
print local[4095]
#> = 120 'x'$
#> = 120 'x'$
