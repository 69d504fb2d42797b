# catch exec stops at it.
# program: execs
catch exec
continue
#> Catchpoint 1 \(exec'd
