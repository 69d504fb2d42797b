# when shows a position, and seek goes there again, before or behind.
# program: calls
break leaf
continue
python first = gdb.execute("when", to_string=True).split()[-1]; frame = gdb.execute("frame", to_string=True)
when
#> Completed event: [0-9]+
continue
print n
#> = 7$
python gdb.execute("seek " + first)
print n
#> leaf \(n=3\)
#> = 3$
python print("same", frame == gdb.execute("frame", to_string=True))
#> same True
