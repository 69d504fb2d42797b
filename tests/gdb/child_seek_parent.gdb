# Going to a place before the child's fork leads to its parent, and forwards the child is followed again.
# program: forks
tbreak {main: fork}
continue
python here = gdb.execute("when", to_string=True).split()[2]
set follow-fork-mode child
break compute
continue
#> compute \(n=4\)
python gdb.execute("seek " + here)
#> main
info inferiors
#> \* 1 +process
#! \n +\d +process
continue
#> compute \(n=4\)
run
#> compute \(n=4\)
