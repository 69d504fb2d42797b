# A breakpoint on the syscall instruction itself, which a patch displaced, is hit when the program executes it.
# program: syscalls
break ask
continue
python a = int(gdb.parse_and_eval("(long)&syscall")); arch = gdb.selected_frame().architecture(); at = [i["addr"] for i in arch.disassemble(a, a + 60) if i["asm"].startswith("syscall")][0]
python gdb.execute("break *%#x" % at)
continue
x/i $rip
#> =>.*syscall\s*$
print $rax
#> = 110$
stepi
x/i $rip
#> =>.*cmp
print $rax > 0 && $rax != 110
#> = 1$
reverse-stepi
x/i $rip
#> =>.*syscall\s*$
print $rax
#> = 110$
reverse-continue
#> ask
