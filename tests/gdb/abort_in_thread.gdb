# A signal that nobody handles stops in its thread; behind it the program ends, and going back comes to it again.
# program: aborts
continue
#> received signal SIGABRT
backtrace
#> abort
#> bad
print $_siginfo.si_signo
#> = 6
continue
#> No more reverse-execution history
reverse-continue
#> received signal SIGABRT
