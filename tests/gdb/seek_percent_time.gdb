# seek N% means time: half of it is not half of the events, and it leads into a long loop that makes none.
# program: uneven
python
import re
def seconds(place):
    gdb.execute("seek " + place, to_string=True)
    return float(gdb.execute("elapsed-time", to_string=True).strip()[:-1])
def event():
    return int(re.search(r"\d+", gdb.execute("when", to_string=True))[0])
def ticks():
    return int(re.search(r"\d+", gdb.execute("when-ticks", to_string=True))[0])
def around(percent, all):
    at, here, want = seconds("%g%%" % percent), event(), all * percent / 100
    return at < want + 0.001 and (ticks() > 1000 or seconds(str(here + 1)) > want - 0.001)
seconds("100%")
last = event()
all = float(re.search(r" of ([0-9.]+) s", gdb.execute("info recording", to_string=True))[1])
print("around", [around(p, all) for p in (40, 60, 80)])
seconds("99%")
print("ticks of 99%:", ticks() > 1000)
print("events:", event() < last)
end
#> around \[True, True, True\]
#> ticks of 99%: True
#> events: True
