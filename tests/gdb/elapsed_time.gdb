# elapsed-time does not shrink, and at the end it has the 20 ms that the program slept.
# program: syscalls
elapsed-time
#> ^[0-9]+\.[0-9]+s$
python a = float(gdb.execute("elapsed-time", to_string=True).strip()[:-1])
seek 100%
python b = float(gdb.execute("elapsed-time", to_string=True).strip()[:-1]); print("grows", 0 <= a <= b, b >= 0.015)
#> grows True True
seek 0.0s
info recording
#> recorded 20
#> event [0-9]+ of [0-9]+
