# A called function that ends the program, or raises a signal that would, does neither.
# program: inferior
break {main: first}
continue
print give_up()
backtrace
#> ended the program with status 3
#> #0  main
print raise_abort()
#> received signal SIGABRT
signal 0
print twice(8)
next
#> = 16$
#> main: print
