# A called function that would wait for another thread for ever stops.
# program: inferior
break {main: print}
continue
print lock_again()
backtrace
#> waits for ever in futex
#> received signal SIGINT
#> lock_again \(\)
#> <function called from gdb>
#> main
continue
reverse-stepi
backtrace 1
#> waits for ever in futex
#> given up
#> #0 .*main
