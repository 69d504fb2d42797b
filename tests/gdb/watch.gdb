# A watchpoint stops behind each instruction that changes the value, and at no other.
# program: watches
break main
continue
watch value
continue
#> Hardware watchpoint 2: value
#> Old value = 0
#> New value = 1
continue
#> Old value = 1
#> New value = 2
continue
#> Old value = 2
#> New value = 3
continue
#> Old value = 3
#> New value = 30
#> thread \(
