# stepi makes one instruction; rip moves by its length.
# program: calls
break leaf
continue
python a = int(gdb.parse_and_eval("(long)$rip")); n = gdb.selected_inferior(); l = gdb.selected_frame().architecture().disassemble(a)[0]["length"]
stepi
python print("moved", int(gdb.parse_and_eval("(long)$rip")) - a == l)
#> moved True
