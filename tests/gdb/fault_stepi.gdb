# A single step on an instruction that faults reports the fault; the next one is in the handler.
# program: signals
handle SIGUSR1 nostop noprint
break poke
continue
next
#> SIGSEGV
print $_siginfo.si_signo
#> = 11$
stepi
#> on_segv
