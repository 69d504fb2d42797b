# Back at the beginning the program's variables are known as they were there at first.
# program: calls
print total
#> = 0
break leaf
continue
delete
reverse-continue
#> No more reverse-execution history
print total
#> = 0
watch total
continue
#> New value = 6
