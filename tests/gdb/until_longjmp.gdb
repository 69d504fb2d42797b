# until and advance over a call that leaves by longjmp stop where it lands, or at the line that was named; until at a loop's end
# goes past the loop. (next runs on there, as natively: gdb 13 does not see the longjmp of this C library.)
# program: jumps
break {main: left}
continue
advance {main: tested}
print back
#> main: left
#> main: tested
#> = 7$
advance {main: round}
info line
#> main: round
until
until
print rounds
#> main: print
#> = 5$
reverse-continue
#> main: left
until {main: print}
#> main: print
