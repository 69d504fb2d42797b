# A watchpoint stops at what another thread writes, backwards too.
# program: watches
break protection
continue
watch value
reverse-continue
#> Old value = 30
#> New value = 3
bt 1
#> thread
