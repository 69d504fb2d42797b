# $_siginfo tells of the fault: its address and code.
# program: signals
handle SIGUSR1 nostop noprint
continue
#> SIGSEGV
print $_siginfo.si_signo
#> = 11$
print $_siginfo._sifields._sigfault.si_addr
#> = .*0x1230
print $_siginfo.si_code
#> = 1$
