# The memory at a position is the same each time.
# program: calls
break factorial
continue
continue
python a = gdb.execute("monitor checksum", to_string=True)
continue
python b = gdb.execute("monitor checksum", to_string=True)
reverse-continue
python c = gdb.execute("monitor checksum", to_string=True)
continue
python d = gdb.execute("monitor checksum", to_string=True); print("sums", a == c, b == d, a != b, len(a.strip()))
#> sums True True True 16
