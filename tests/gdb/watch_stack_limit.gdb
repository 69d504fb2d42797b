# A stack grows to its limit while a watchpoint guards its lowest page, as far as without it.
# program: grows far
break {main: first}
continue
watch -l mark[100]
continue
#> Old value = 0
#> New value = 1
continue
#> Old value = 1
#> New value = 2
continue
#> Old value = 2
#> New value = 3
continue
#> No more reverse-execution history
#! differs|diverge
reverse-continue
#> New value = 2
reverse-continue
reverse-continue
#> New value = 0
