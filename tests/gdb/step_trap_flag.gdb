# A program that sets the trap flag gets its SIGTRAP as recorded where the debugger steps over that instruction, in both directions.
# program: single_step_self
break main
continue
delete
continue
#> SIGTRAP
set $at = $pc
stepi
print $pc == (long)on
#> = 1$
reverse-stepi
print (long)$at - (long)$pc
#> = 0$
reverse-stepi
print (long)$at - (long)$pc
#> = 1$
stepi
stepi
print $pc == (long)on
#> = 1$
continue
#> SIGTRAP
print (long)$pc - (long)$at
#> = 1$
# Also where the handler's first instruction writes to a watched page.
set breakpoint always-inserted on
stepi
python page = (int(gdb.parse_and_eval("(long)$sp")) - 8) & ~4095
reverse-stepi
reverse-stepi
python gdb.execute(f"watch *(long *){page}")
stepi
stepi
stepi
stepi
print (long)$pc - (long)on
#> = 4$
when
#> Completed event: [0-9]+=[0-9a-f]+\*1\+2$
