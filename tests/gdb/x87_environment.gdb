# fnstenv, fnsave and fxsave store the same after a stop before them as without it, and are one instruction each.
# program: x87
break *(char *)&fnstenv_at
break *(char *)&fnsave_at
break *(char *)&fxsave_at
continue
x/i $rip
#> fnstenv
stepi
x/i $rip
#> nop
x/7xw area
#> 0x00000000
continue
x/i $rip
#> fnsave
stepi
x/i $rip
#> nop
reverse-stepi
x/i $rip
#> fnsave
continue
continue
#> exited with status 0
#! iverge
