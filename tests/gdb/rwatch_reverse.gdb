# rwatch and awatch stop backwards, before the instruction that reads or writes.
# program: calls
break {main: print}
continue
rwatch table[3]
awatch total
reverse-continue
#> awatch|access \(read/write\) watchpoint 3: total
#> leaf \(n=7\)
reverse-continue
#> watchpoint 3: total
reverse-continue
#> leaf \(n=3\)
delete 3
reverse-continue
#> read watchpoint 2: table\[3\]
#> Value = 9
#> main \(\)
reverse-continue
#> No more reverse-execution history
