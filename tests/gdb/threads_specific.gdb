# A breakpoint for one thread leaves the others alone.
# program: threads
tbreak step
continue
break step if me == 1
continue
print me
#> = 1$
python t = gdb.selected_thread().num; gdb.execute("delete"); gdb.execute("break step thread %d" % t)
continue
print me
#> = 1$
print i
#> = 1$
continue
print i
#> = 2$
reverse-continue
print i
#> = 1$
