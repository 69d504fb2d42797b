# Going back from a stop of the watchpoint tells of the same change.
# program: watches
break main
continue
watch value
continue
#> New value = 1
reverse-continue
#> Old value = 1
#> New value = 0
continue
#> Old value = 0
#> New value = 1
