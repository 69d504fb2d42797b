# Backwards from the very place of a fork the child goes first.
# program: forks
set detach-on-fork off
catch fork
continue
#> Catchpoint 1
reverse-continue
#> Inferior 2 .* exited
inferior 1
reverse-continue
#> No more reverse-execution history
continue
#> Catchpoint 1
