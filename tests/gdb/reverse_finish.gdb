# reverse-finish goes back to the call of the function.
# program: calls
break leaf
continue
next
delete
reverse-finish
#> a = leaf\(n\)
