# dprintf prints at each visit, forwards; gdb's own style, and in the server, which evaluates its condition too.
# program: calls
dprintf leaf,"leaf n=%d total=%d\n", n, total
break {main: print}
continue
#> leaf n=3 total=0
#> leaf n=7 total=6
#> Breakpoint 2
delete
seek 0%
set dprintf-style agent
dprintf leaf,"server n=%d total=%d first=%d\n", n, total, table[1]
condition 3 n > 3
break {main: print}
continue
#> server n=7 total=6 first=1
#> Breakpoint 4
reverse-continue
continue
#> server n=7 total=6
#! n=3
monitor stops
#> [0-9]+ stops
