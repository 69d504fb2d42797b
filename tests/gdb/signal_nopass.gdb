# Signals that the user does not want to see do not stop.
# program: signals
handle SIGUSR1 nostop noprint pass
handle SIGSEGV nostop noprint pass
continue
#> No more reverse-execution history
#! received signal
