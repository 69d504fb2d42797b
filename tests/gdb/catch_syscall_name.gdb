# catch syscall by name: at the call and at its return, buffered or not.
# program: syscalls
catch syscall getppid
continue
#> Catchpoint 1 \(call to syscall getppid\)
continue
#> Catchpoint 1 \(returned from syscall getppid\)
print $rax > 0
#> = 1$
continue
#> Catchpoint 1 \(call to syscall getppid\)
continue
#> Catchpoint 1 \(returned from syscall getppid\)
continue
#> No more reverse-execution history
