# next in one thread lets the others run.
# program: threads
break step
continue
finish
next
next
next
next
#> work|for|lock
print me
#> = 0$
