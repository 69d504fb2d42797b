# catch vfork stops at each vfork; breakpoints of the parent work behind them.
# program: vforks
catch vfork
break last_steps
continue
#> Catchpoint 1 \(vforked process \d+\)
backtrace
#> main
continue
#> Catchpoint 1 \(vforked process \d+\)
continue
#> Breakpoint 2, last_steps
print shared
#> = 6
