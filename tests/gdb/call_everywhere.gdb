# A call at any instruction, in calls of the system too, leaves no trace: the same steps, forwards and back, lead to the
# same registers and memory as without.
# program: inferior
break {main: write}
continue
python there = gdb.execute("monitor when", to_string=True).strip()
python def at(): return (gdb.execute("info registers", to_string=True), gdb.execute("monitor checksum", to_string=True), gdb.execute("monitor when", to_string=True))
python def walk(n, how, f): return [(f(i), gdb.execute(how, to_string=True), at())[2] for i in range(n)]
python plain = walk(90, "stepi", lambda i: None)
python gdb.execute("seek " + there)
python called = walk(90, "stepi", lambda i: gdb.parse_and_eval("twice(%d)" % i))
python print("same:", plain == called, len(set(plain)))
python back = walk(20, "reverse-stepi", lambda i: gdb.parse_and_eval("increment()"))
python print("back:", [b[:2] for b in back] == [p[:2] for p in plain[-2:-22:-1]])
#> same: True 90
#> back: True
