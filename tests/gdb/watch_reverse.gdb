# Backwards a watchpoint stops before the instruction that changed the value, any number of times.
# program: watches
break {main: call}
continue
watch value
reverse-continue
#> Old value = 3
#> New value = 2
x/i $pc
#> => .*mov .*value
reverse-continue
#> Old value = 2
#> New value = 1
continue
#> Old value = 1
#> New value = 2
reverse-continue
#> Old value = 2
#> New value = 1
reverse-continue
#> Old value = 1
#> New value = 0
print value
#> = 0$
