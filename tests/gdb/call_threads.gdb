# Only the thread that calls runs; the others are as before.
# program: threads
break step if me == 1
continue
python others = [(t.num, t.switch(), int(gdb.parse_and_eval("$rip"))) for t in gdb.selected_inferior().threads()]
thread 2
print (int)abs(-12)
thread 3
print (int)abs(-13)
print sum
python print("same:", others == [(t.num, t.switch(), int(gdb.parse_and_eval("$rip"))) for t in gdb.selected_inferior().threads()])
#> = 12$
#> = 13$
#> = 0$
#> same: True
continue
print me
print i
#> = 1$
#> = 1$
