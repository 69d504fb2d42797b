# Behind a jump that leads to another thread, the thread that gdb looked at before has its own registers.
# program: threads
break step if me == 1 && i == 1
continue
backtrace
#> work \(arg=0x1\)
last-write turn
#> work \(arg=0x0\)
thread apply all -s frame function work
#> work \(arg=0x0\)
thread apply all -s frame function work
#> work \(arg=0x1\)
