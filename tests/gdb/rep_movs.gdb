# One stepi makes one round of a rep movs, as natively; backwards likewise.
# program: insns
break *(char *)&copy_at
continue
print $rcx
#> = 16$
stepi
print $rcx
#> = 15$
print to[0]
#> '0'
stepi
print $rcx
#> = 14$
reverse-stepi
print $rcx
#> = 15$
print to[1]
#> '\\000'
