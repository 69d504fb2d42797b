# A watchpoint is of one process; memory of a vfork is the same.
# program: forks
set detach-on-fork off
break compute
set follow-fork-mode child
continue
#> compute \(n=4\)
watch square
continue
#> Hardware watchpoint
#> New value = 16
reverse-continue
#> Hardware watchpoint
