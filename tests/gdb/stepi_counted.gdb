# An instruction with a safepoint before it: the position behind it is one step behind that, however one comes there.
# program: threads
break main
continue
break pthread_create
continue
delete
backtrace 1
python def at(): return gdb.execute("monitor when", to_string=True).strip(), int(gdb.parse_and_eval("(long)$pc"))
reverse-stepi
reverse-stepi
stepi
python jump = at()
stepi
python behind = at()
python gdb.execute("seek " + jump[0]); print("jump:", at()[1] == jump[1])
python gdb.execute("seek " + behind[0]); print("same:", at()[1] == behind[1], jump[0] != behind[0])
#> pthread_create
#> jump: True
#> same: True True
