# A step back of a thread that waits leads to before its call, and forwards again to its wait.
# program: blocked
break {work: add}
continue
delete
thread 1
python pc = int(gdb.parse_and_eval("(long)$pc"))
reverse-stepi
python print("back", pc - int(gdb.parse_and_eval("(long)$pc")))
#> back 2
info threads
#> \* 1 
stepi
python print("same", pc - int(gdb.parse_and_eval("(long)$pc")))
#> same 0
info threads
#> \* 1 
