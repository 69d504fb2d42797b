# The memory of the last moment is there: main's frame at exit.
# program: signals
handle SIGUSR1 SIGSEGV nostop noprint
continue
print count
#> = 22$
