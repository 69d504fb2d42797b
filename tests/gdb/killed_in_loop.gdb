# A process that hung is killed: gdb shows where it was, with the signal, and goes back from there.
# program: killed
set follow-fork-mode child
continue
#> received signal SIGTERM
backtrace
#> loop
print rounds > 100
#> = 1
reverse-stepi
backtrace
#> loop
continue
#> received signal SIGTERM
