# Calls in a signal handler, and where a signal has just been raised; $_siginfo stays what it was.
# program: signals
break on_usr1
handle SIGUSR1 nostop noprint
continue
print poke(&count)
print count
print (int)abs(-3)
backtrace 1
delete
continue
#> = 0$
#> = 1$
#> = 3$
#> on_usr1
#> SIGSEGV
print (int)abs(-4)
print $_siginfo.si_signo
print $_siginfo._sifields._sigfault.si_addr
tbreak {main: print}
continue
print count
#> = 4$
#> = 11$
#> = .*0x1230
#> main: print
#> = 22$
