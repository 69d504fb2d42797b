# A division by zero stops at its instruction, with the siginfo of it.
# program: insns
continue
#> SIGFPE
x/i $rip
#> idiv
print $_siginfo._sifields._sigfault.si_addr == $rip
#> = 1$
reverse-stepi
x/i $rip
#> cltd
