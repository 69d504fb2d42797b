# A step back from a breakpoint leads to the instruction before, where that one and the one before it touch a watched page.
# (The program begins in the dynamic linker: mov, call, push.)
# program: insns
python first = gdb.execute("when", to_string=True).split()[-1]
stepi 2
set $before = $pc
stepi
set $there = $pc
python gdb.execute("seek " + first, to_string=True)
break *$there
rwatch -l *(long *)(((long)$sp & ~4095L) + 8)
#> watchpoint 2
continue
reverse-stepi
print $pc == $before
#> = 1$
