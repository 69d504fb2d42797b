# seek N% goes to that part of the recording.
# program: calls
seek 100%
when
#> Completed event: [0-9]+
python last = int(gdb.execute("when", to_string=True).split()[-1].split(":")[0].split(".")[0].split("!")[0])
seek 50%
python half = int(gdb.execute("when", to_string=True).split()[-1].split(":")[0].split(".")[0].split("!")[0]); print("half", abs(half - last / 2) <= 2)
#> half True
