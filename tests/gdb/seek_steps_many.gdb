# A position EVENT:TICKS+STEPS whose steps take longer than the server computes at a time is counted from one place.
# program: insns
handle SIGFPE SIGILL nostop noprint
break *(char *)&fill_at
continue
delete
python import re
python start = re.match(r"\d+", gdb.execute("when", to_string=True).split()[-1])[0] + re.search(r":\d+", gdb.execute("when", to_string=True).split()[-1])[0]
python def left(steps): gdb.execute(f"seek {start}+{steps}", to_string=True); return int(gdb.parse_and_eval("$rcx"))
python some = left(1000)
python print("in the rep stosb", 0 < some < 60000, some - left(21000))
#> in the rep stosb True 20000
