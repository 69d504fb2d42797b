# elapsed-time grows from the beginning to the end.
# program: syscalls
elapsed-time
#> ^[0-9]+\.[0-9]+s$
python a = float(gdb.execute("elapsed-time", to_string=True).strip()[:-1])
seek 100%
python b = float(gdb.execute("elapsed-time", to_string=True).strip()[:-1]); print(a, b, "grows", 0 <= a < b)
#> grows True
seek 0.0s
info recording
#> recorded 20
#> event [0-9]+ of [0-9]+
