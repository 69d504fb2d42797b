# Signals stop backwards too.
# program: signals
handle SIGUSR1 stop print
continue
continue
continue
#> SIGSEGV
reverse-continue
#> SIGUSR1
reverse-continue
#> SIGUSR1
reverse-continue
#> No more reverse-execution history
