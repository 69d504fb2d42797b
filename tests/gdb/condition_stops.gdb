# A condition that is false costs no stop where it can be evaluated in the program, and else one and no single step.
# program: conditions x 300
handle SIGSEGV nostop noprint
break main
continue
python
def counts():
    return [int(w) for w in gdb.execute("monitor stops", to_string=True).split() if w.isdigit()]
def passing(place, condition):
    """Visits and single steps on the way to the end, and whether the way back to main is as cheap."""
    b = gdb.Breakpoint("*%s_at" % place)
    b.condition = condition
    a = counts()
    gdb.execute("continue", to_string=True)
    c = counts()
    gdb.execute("reverse-continue", to_string=True)
    d = counts()
    b.delete()
    visits, steps = c[1] - a[1], c[2] - a[2]
    # checkpoints may stand at a visit, which is then counted by a breakpoint
    return visits, steps, d[1] - c[1] < visits + 50 and d[2] - c[2] < 100
end
# Threads come to the first one after calls: then the replayer counts.
python print("no stop:", passing("relative", "$rdi == -1"), passing("flags", "counter == -1"), passing("often", "$rdi / 2 == -1"))
#> no stop: .136, 16, True. .16, 16, True. .16, 16, True.
python print("one stop:", passing("call", "$rdi == -1"), passing("jump", "$rdi == -1"), passing("kernel", "$rdi == -1"))
#> one stop: .300, 16, True. .300, 16, True. .420, 16, True.
