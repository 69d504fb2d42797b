# The time stamp counter reads the same each time that it is passed.
# program: insns
handle SIGFPE SIGILL nostop noprint
break *(char *)&clock_at
break *(char *)&clock_done
continue
continue
python a = str(gdb.parse_and_eval("(unsigned long)$rax"))
reverse-continue
x/i $rip
#> rdtsc
stepi
python print("same", a == str(gdb.parse_and_eval("(unsigned long)$rax")))
#> same True
