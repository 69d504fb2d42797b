# From within a called function back to the recording: reverse execution and seek leave it.
# program: inferior
break {main: first}
continue
python there = gdb.execute("monitor when", to_string=True).strip()
break twice
print twice(100)
reverse-stepi
backtrace
#> twice \(n=100\)
#> what ran outside of it is given up
#> #0 .*main
#! called from gdb
continue
print twice(7)
python gdb.execute("seek " + there)
backtrace
#> Breakpoint 1
#> twice \(n=7\)
#> #0  main
#! called from gdb
continue
print n
#> = 5$
