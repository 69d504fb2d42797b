# A breakpoint on a rep movs stops at each round, as natively; behind it all is copied, back before it nothing is.
# program: insns
break *(char *)&copy_at
break *(char *)&copy_done
continue
ignore 1 15
continue
print to
#> Breakpoint 2
#> 0123456789abcdef
disable 1
tbreak copy
reverse-continue
print to[0]
#> '\\000'
