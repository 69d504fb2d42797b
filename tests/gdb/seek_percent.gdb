# seek N% goes to that part of the recording's time, between its first event and its last.
# program: calls
seek 100%
when
#> Completed event: [0-9]+!exit
python
def at():
    return float(gdb.execute("elapsed-time", to_string=True).strip()[:-1])
all = at()
gdb.execute("seek 0%")
first = at()
gdb.execute("seek 50%")
print("half", first <= at() <= (first + all) / 2)
end
#> half True
