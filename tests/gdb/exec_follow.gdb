# An exec is followed: breakpoints of the new program work.
# program: execs
break second_life
continue
#> is executing new program
#> Breakpoint 1, second_life
