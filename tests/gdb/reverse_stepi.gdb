# reverse-stepi undoes a stepi: the same registers.
# program: calls
break leaf
continue
python regs = lambda: [str(gdb.parse_and_eval("(long)$"+r)) for r in "rip rsp rbp rax rbx rcx rdx rsi rdi r8 r9 r10 r11 r12 r13 r14 r15".split()]
python a = [regs()]
python for i in range(12): gdb.execute("stepi", to_string=True); a.append(regs())
python b = [regs()]
python for i in range(12): gdb.execute("reverse-stepi", to_string=True); b.append(regs())
python print("same", a == b[::-1], len(set(map(tuple, a))) == 13)
#> same True True
