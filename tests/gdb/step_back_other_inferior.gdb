# A step back of a process, while another one has gone on, is its own.
# program: forks
set detach-on-fork off
set follow-fork-mode child
break compute
continue
#> Thread 2.1 .*compute \(n=4\)
delete
inferior 1
python pc = int(gdb.parse_and_eval("(long)$pc"))
reverse-stepi
#> Inferior 2 .* exited
inferior 1
python print("back", pc - int(gdb.parse_and_eval("(long)$pc")))
#> back 2
