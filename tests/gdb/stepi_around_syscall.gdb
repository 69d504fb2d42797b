# Single steps around a patched call show the original instructions, one a step, and back again.
# program: syscalls
break ask
continue
break syscall
continue
delete
python arch = gdb.selected_frame().architecture(); pc = lambda: int(gdb.parse_and_eval("(long)$rip"))
python seen = []; at = [pc()]
python for i in range(11): seen.append(arch.disassemble(pc())[0]["asm"].split()[0]); gdb.execute("stepi", to_string=True); at.append(pc())
python print(" ".join(seen))
#> mov mov mov mov mov mov mov syscall cmp jae ret
python back = [pc()]
python for i in range(11): gdb.execute("reverse-stepi", to_string=True); back.append(pc())
python print("mirror", at == back[::-1])
#> mirror True
