# Breakpoints are hit between the last event of a process and SIGKILL.
# program: killed 9
set follow-fork-mode child
tbreak loop
continue
#> Temporary breakpoint 1, .*loop
print rounds
#> = 0
