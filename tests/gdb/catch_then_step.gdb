# A step from the start of a buffered call leads to behind it, also when nobody catches its return any more.
# program: syscalls
catch syscall getppid
continue
#> call to syscall getppid
set $at = $pc
when
#> !call
delete
stepi
print $pc == $at
#> = 1$
print $rax > 0
#> = 1$
stepi
print $pc > $at && $pc < $at + 16
#> = 1$
reverse-stepi
print $pc == $at && $rax > 0
#> = 1$
reverse-stepi
x/i $pc
#> syscall
