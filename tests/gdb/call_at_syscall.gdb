# Calls at the start and the end of a system call, buffered or not: the call is then as recorded.
# program: inferior
catch syscall write
continue
print twice(4)
print (int)getpid() == is_me()
backtrace 1
continue
#> call to syscall write
#> = 8$
#> = 1$
#> write
#> returned from syscall write
print twice(5)
print $rax
continue
print twice(6)
#> = 10$
#> = 5$
#> call to syscall write
#> = 12$
continue
reverse-continue
#> returned from syscall write
#> call to syscall write
