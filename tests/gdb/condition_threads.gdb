# Conditions in a program with threads: each thread's visits count, forwards and backwards; a child's do not.
# program: conditions x 60
handle SIGSEGV nostop noprint
break main
break {main: last}
continue
break *relative_at if $rdi == 41
break *kernel_at if $rdi == 42
python
def places(command):
    out = []
    while True:
        gdb.execute(command, to_string=True)
        i = int(gdb.parse_and_eval("$rdi")) if gdb.selected_frame().name() in ("relative", "call_of_kernel") else -1
        if i < 0:
            return out
        out.append((gdb.execute("monitor when", to_string=True), gdb.selected_thread().ptid[1], i))
forth = places("continue")
back = places("reverse-continue")
again = places("continue")
print("hits", len(forth), forth == again, back[::-1] == forth, len({t for _, t, _ in forth}))
end
#> hits 6 True True 3
delete
continue
#> No more reverse-execution history
#! differs
