# What a called function writes to its output is shown.
# program: inferior
break {main: first}
continue
call say_hello()
#> ^hello from the call$
print (int)printf("%d and %d\n", 6, 7)
print (int)fflush(0)
#> ^6 and 7$
