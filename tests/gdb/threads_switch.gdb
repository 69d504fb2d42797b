# Each thread has a backtrace of its own.
# program: threads
break step
continue
thread apply all backtrace
#> (work|main)
#> (work|main)
