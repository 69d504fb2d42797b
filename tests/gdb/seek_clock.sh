# seek goes to a time of the recorded machine's clock, with or without a date; what is far from the recording is refused.
record calls
debug 'seek 50%' 'python
import re
def now():
    return " ".join(re.search(r"s: (\d+-\d+-\d+) (\d+:\d+:\d+\.\d+)", gdb.execute("info recording", to_string=True)).groups())
def event():
    return int(re.search(r"\d+", gdb.execute("when", to_string=True))[0])
time, half = now(), event()
for text in (time, time.replace(" ", "T"), time.split()[1]):
    gdb.execute("seek 0%", to_string=True)
    first = event()
    gdb.execute("seek " + text, to_string=True)
    before, at = now(), event()
    gdb.execute("seek %d" % (at + 3), to_string=True)
    print("last event by then", first <= at <= half, before <= time <= now())' 'seek 1999-12-31 12:00:00' 'seek 25:00:00' 'seek 12:61'
want 'by then True True' 'by then True True' 'by then True True' 'the recording goes from 20.* to 20' "'25:00:00' is no bookmark" 'no position 12:61|is no bookmark'
refuse 'Error'
