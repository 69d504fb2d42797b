# catch syscall without a name stops at every one, forwards and backwards alike.
# program: syscalls
break main
continue
catch syscall
python here = lambda: tuple(int(gdb.parse_and_eval("(long)$" + r)) for r in ("rip", "rax", "orig_rax", "rsp"))
python a = []
python for i in range(14): gdb.execute("continue"); a.append(here())
#> call to syscall getppid
#> returned from syscall getppid
#> call to syscall pipe
#> returned from syscall pipe
#> call to syscall write
#> returned from syscall write
#> call to syscall read
#> returned from syscall read
#> call to syscall clock_nanosleep
#> returned from syscall clock_nanosleep
#> call to syscall getppid
#> returned from syscall getppid
#> call to syscall write
#> returned from syscall write
#! call to syscall (brk|mmap)
python b = [here()]
python for i in range(13): gdb.execute("reverse-continue"); b.append(here())
python print("mirror", a == b[::-1])
#> mirror True
