# Backwards out of a handler: to the signal, then to what was before.
# program: signals
handle SIGUSR1 nostop noprint
break on_usr1
break main
continue
continue
continue
print count
#> = 11$
reverse-continue
print count
#> = 0$
reverse-continue
#> main
