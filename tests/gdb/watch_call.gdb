# What a buffered call writes stops a watchpoint behind the call, and backwards before it.
# program: watches
break main
continue
watch buffer
continue
#> New value = "\\177ELF"
info registers rax
#> 0x4
reverse-continue
#> Old value = "\\177ELF"
x/i $pc
#> => .*syscall
continue
#> New value = "\\177ELF"
