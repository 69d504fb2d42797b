# After `return` with another value the program goes on with it, outside of the recording.
# program: inferior
break twice
continue
return 99
next
next
print got
#> 99 recorded
#> = 99$
reverse-next
delete
next
print got
#> ran outside of it is given up
#> main: first
#> = 10$
