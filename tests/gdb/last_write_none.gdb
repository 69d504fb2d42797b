# last-write stays where it is when there is no such change, and says why what is no memory has none.
# program: writes
break {main: end}
continue
last-write
#> wants a variable
last-write rounds if rounds == 77
#> rounds: no change before made the condition true
print rounds
#> = 5$
python print("stays", gdb.selected_frame().name())
#> stays main
last-write $rax
#> \$rax is not in memory
last-write rounds + 1
#> rounds \+ 1 is not in memory
last-write 12
#> 12 is not in memory
last-write nothing_of_that_name
#> No symbol "nothing_of_that_name"
last-write *(int *)16
#> Cannot access memory at address 0x10
last-write rounds if rounds ==
#> syntax error
last-write rounds if *pointer == 4
#> no change before made the condition true; [0-9]+ times it could not be evaluated: cannot read memory at 0x0
start
#> main
last-write half
#> half: it was not changed before
