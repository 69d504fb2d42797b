# A watchpoint on the stack does not change how far the stack can grow.
# program: signal_altstack
handle SIGSEGV nostop noprint
break main
continue
python gdb.execute("watch *(char *)%d" % int(gdb.parse_and_eval("*(unsigned long *)environ")))
continue
#> No more reverse-execution history
#! differs
info program
backtrace 3
#> exit
