# In a child, and in its parent beside it, calls find their own process.
# program: forks
set detach-on-fork off
set schedule-multiple on
break {compute: first}
continue
inferior 2
python child = gdb.selected_inferior().pid; parent = gdb.inferiors()[0].pid
python print("child:", int(gdb.parse_and_eval("(int)getpid()")) == child, int(gdb.parse_and_eval("(int)getppid()")) == parent)
inferior 1
python print("parent:", int(gdb.parse_and_eval("(int)getpid()")) == parent, int(gdb.parse_and_eval("(int)getppid()")))
#> child: True True
#> parent: True 0
inferior 2
print compute(3)
print n
#> compute \(n=3\)
#> = 3$
finish
delete
continue
#> Value returned is .* = 10
#> exited with code 021
