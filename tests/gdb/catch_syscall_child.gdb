# catch syscall in a child: gdb counts catchpoints for the inferior that was chosen when it was set.
# program: forks
catch syscall exit_group
continue
#> Catchpoint 1 \(call to syscall exit_group
print $rdi
#> = 0
delete
set follow-fork-mode child
tbreak compute
run
#> compute \(n=4\)
catch syscall exit_group
continue
#> Catchpoint \d+ \(call to syscall exit_group
print $rdi
#> = 17
