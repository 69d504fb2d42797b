# An access watchpoint stops at writes, of the same value too, and at reads.
# program: watches
break main
continue
awatch value
continue
#> New value = 1
continue
#> New value = 2
continue
#> Value = 2
#> set
continue
#> New value = 3
continue
#> Value = 3
#> reads
