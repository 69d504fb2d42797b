# Where a condition is false the program goes on without a stop, or with one: it stops at the same positions,
# forwards and backwards, as a breakpoint that stops each time, on instructions of all kinds.
# program: conditions
handle SIGSEGV nostop noprint
python
def hits(place, condition, back, wanted):
    """Positions where it stops between the first visit and the end of main."""
    b = gdb.Breakpoint("*%s_at" % place)
    b.condition = condition
    out = []
    while True:
        gdb.execute("reverse-continue" if back else "continue", to_string=True)
        at = gdb.execute("monitor when", to_string=True).strip()
        pc = int(gdb.parse_and_eval("(long)$pc"))
        if pc != int(gdb.parse_and_eval("(long)&%s_at" % place)):
            break
        if place == "repeat":
            at = ""  # where gdb steps from one visit to the next, the position tells of the step
        i = int(gdb.parse_and_eval("$rdi" if place != "repeat" else "$rdx"))
        if wanted(i):
            out.append((at, i, int(gdb.parse_and_eval("sum")), int(gdb.parse_and_eval("counter"))))
    b.delete()
    return out

def check(place):
    reg = "$rdi" if place != "repeat" else "$rdx"
    rare = "%s == 20 || (%s > 35 && sum != 0 && counter %% 2 >= 0)" % (reg, reg)
    wanted = lambda i: i == 20 or i > 35
    every = hits(place, None, False, wanted)
    again = hits(place, rare, True, wanted)
    forth = hits(place, rare, False, wanted)
    gdb.execute("reverse-continue", to_string=True)
    print("place", place, len(every), forth == every, again[::-1] == every)
    if forth != every or again[::-1] != every:
        print(*every[:3], "forth", *forth[:3], "back", *again[:-4:-1])

end
break main
break {main: last}
continue
python check("relative")
#> place relative 5 True True
python check("call")
#> place call 5 True True
python check("jump")
#> place jump 5 True True
python check("branch")
#> place branch 5 True True
python check("flags")
#> place flags 5 True True
python check("middle")
#> place middle 3 True True
python check("often")
#> place often 15 True True
python check("kernel")
#> place kernel 5 True True
python check("behind")
#> place behind 5 True True
python check("repeat")
#> place repeat 15 True True
python check("x87")
#> place x87 5 True True
python check("fault")
#> place fault 5 True True
delete
continue
#> No more reverse-execution history
#! differs|differed
