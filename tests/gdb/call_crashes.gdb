# A called function that crashes is where it crashed until the program goes on; or gdb puts all back.
# program: inferior
break {main: first}
continue
python before = gdb.execute("monitor checksum", to_string=True)
print crash((int *)0x123)
print p
print $_siginfo._sifields._sigfault.si_addr
#> received signal SIGSEGV
#> = .*0x123$
#> = .*0x123$
continue
backtrace 1
print counter
#> no signal is delivered outside of the recording
#> given up
#> #0  main
#> = 5$
set unwindonsignal on
print crash((int *)0x456)
backtrace 1
python after = gdb.execute("monitor checksum", to_string=True); print("same memory:", before == after)
next
#> has restored the context
#> #0  main
#> same memory: True
#> main: print
