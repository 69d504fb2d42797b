# last-write takes any expression in memory, with a condition on the new value; the same again goes further back.
# program: writes
break {main: end}
continue
last-write table[1].count
#> table\[1\].count, at [0-9]
#> Old value = 4
#> New value = 8
#> add \(i=1, by=4\)
last-write table[1].count
#> Old value = 1
#> New value = 4
last-write
#> Old value = 0
#> New value = 1
continue
last-write table[1].count if table[1].count < 5 && rounds > 1
#> Old value = 1
#> New value = 4
continue
last-write local if local == 5
#> Old value = 4
#> New value = 5
#> main \(\)
continue
last-write rounds if rounds == wanted + 1
#> Old value = 3
#> New value = 4
#> add
continue
last-write half
#> Old value = 5
#> New value = 7
last-write *(struct entry *)&table[0]
#> Old value = \{count = 2,
#> New value = \{count = 6,
