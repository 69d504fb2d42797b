# Protection that the program changes, and faults of its own on a watched page, stay the program's.
# program: watches
break {page: first}
continue
watch page[1]
continue
#> New value = 1
continue
#> SIGSEGV
continue
#> Old value = 1
#> New value = 2
continue
#> New value = 3
continue
#> Old value = 3
#> New value = 0
reverse-continue
#> Old value = 0
#> New value = 3
reverse-continue
#> Old value = 3
#> New value = 2
