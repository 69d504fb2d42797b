# A backtrace in a handler goes through the signal's frame to what it interrupted.
# program: signals
handle SIGUSR1 nostop noprint
break on_usr1
continue
backtrace
#> on_usr1 \(sig=10\)
#> <signal handler called>
#> raise
#> main
#! in \?\? \(\)$
