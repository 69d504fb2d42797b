# Backwards over an exec: it stops at it, then the old program is there.
# program: execs
break second_life
continue
reverse-continue
delete
reverse-continue
#> No more reverse-execution history
