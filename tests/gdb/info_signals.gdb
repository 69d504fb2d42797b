# info signals has what gdb does with each.
# program: signals
info signals SIGUSR1
#> SIGUSR1 +Yes
