# next over a call that leaves by siglongjmp stops where it lands.
# program: signals
handle SIGUSR1 nostop noprint
handle SIGSEGV nostop noprint
break poke
continue
up
print n
#> = 0$
break {main: print}
continue
print n
#> = 11$
reverse-continue
#> poke
