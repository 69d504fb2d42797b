# A read watchpoint stops where the program reads, not where it writes.
# program: watches
break main
continue
rwatch value
continue
#> read watchpoint 2: value
#> Value = 3
#> reads
break protection
continue
#> Breakpoint 3
reverse-continue
#> Value = 3
#> reads
