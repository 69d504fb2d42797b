# What the user changes is there until the program goes on, forwards or backwards: then all is as recorded.
# program: inferior
break {main: first}
continue
set var counter = 50
print counter
print twice(counter)
set var text = "changed"
print text
next
#> = 50$
#> = 100$
#> = "changed"
#> your changes of registers and memory are gone
print counter
print got
print text
#> = 5$
#> = 10$
#> "recorded"
set var got = 7
print got
reverse-next
next
print got
#> = 7$
#> your changes of registers and memory are gone
#> = 10$
set $rax = 77
print $rax
set $xmm3.v4_float[1] = 2.5
print $xmm3.v4_float[1]
set $st0 = 1.25
print $st0
stepi
#> = 77$
#> = 2\.5$
#> = 1\.25$
#> your changes
