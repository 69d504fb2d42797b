# The child of a fork is followed to the program that it executes, whose breakpoints work.
# program: forks
break {main: wait}
continue
set follow-fork-mode child
break _exit
continue
#> is executing new program: .*true
#> Breakpoint 2.*_exit
continue
#> No more reverse-execution history
