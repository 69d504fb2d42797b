# After a jump the program goes on as it would, until a breakpoint or a step back.
# program: inferior
break {main: print}
break {main: write}
continue
continue
set var got = 1000
jump {main: print}
print got
#> main: print
#> = 1000$
continue
print got
#> main: write
#> = 1007$
reverse-continue
print got
#> your changes of registers and memory are gone
#> main: print
#> = 10$
