# Functions of the program can be called; nothing of it is left when it goes on.
# program: inferior
break {main: first}
continue
python before = gdb.execute("monitor checksum", to_string=True)
print twice(21)
print half(5.0)
print increment()
print counter
print increment()
#> = 42$
#> = 2\.5$
#> = 6$
#> = 6$
#> = 7$
python after = gdb.execute("monitor checksum", to_string=True); print("same memory:", before == after, len(after))
next
print counter
print got
#> same memory: True 17
#> main: print
#> = 5$
#> = 10$
