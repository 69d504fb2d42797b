# A signal stops the program as natively, with its name.
# program: signals
continue
#> Program received signal SIGUSR1
continue
#> Program received signal SIGUSR1
continue
#> Program received signal SIGSEGV
#> poke
