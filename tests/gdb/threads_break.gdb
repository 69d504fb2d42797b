# Breakpoints stop whichever thread comes, and the same ones backwards.
# program: threads
break step
python who = lambda: (gdb.selected_thread().ptid[1], str(gdb.parse_and_eval("me")), str(gdb.parse_and_eval("i")))
python a = []
python for i in range(6): gdb.execute("continue", to_string=True); a.append(who())
python b = [who()]
python for i in range(5): gdb.execute("reverse-continue", to_string=True); b.append(who())
python print("same", a == b[::-1], [x[1:] for x in a])
#> same True \[\('0', '0'\), \('1', '0'\), \('0', '1'\), \('1', '1'\), \('0', '2'\), \('1', '2'\)\]
