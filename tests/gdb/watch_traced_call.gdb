# So does what a traced call writes.
# program: watches
# record: --no-buffer
break {main: reads}
continue
watch buffer
continue
#> New value = "\\177ELF"
reverse-continue
#> Old value = "\\177ELF"
x/i $pc
#> => .*syscall
