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
