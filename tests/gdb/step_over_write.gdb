# next over a call that prints shows the output once, also when gone over again.
# program: syscalls
break {main: write}
continue
next
#> out
reverse-next
next
#! ^out
print 1
#> = 1
