# catch signal stops where it is delivered; then the handler runs.
# program: signals
catch signal SIGUSR1
break on_usr1
continue
#> Catchpoint 1 \(signal SIGUSR1\)
continue
#> Breakpoint 2, on_usr1 \(sig=10\)
continue
#> Catchpoint 1 \(signal SIGUSR1\)
