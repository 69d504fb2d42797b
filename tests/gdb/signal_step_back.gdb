# The delivery of a signal is a step of its own: a step back from the handler leads to where the signal came, with the same registers.
# program: timers_itimer
handle SIGALRM SIGVTALRM SIGPROF stop print
python
def regs():
    return [str(gdb.parse_and_eval("(unsigned long)$" + r)) for r in "rip rsp rax rcx r11 rdx".split()]
same = []
end
continue
#> received signal
python
for i in range(4):
    was = regs()
    gdb.execute("stepi")
    gdb.execute("reverse-stepi")
    same.append(was == regs())
    gdb.execute("continue")
print("undone", same)
end
#> undone \[True, True, True, True\]
