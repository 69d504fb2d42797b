# finish leaves a handler to its signal frame.
# program: signals
handle SIGUSR1 nostop noprint
break on_usr1
continue
finish
#> signal handler called
