# The child of a vfork is followed to the program that it executes.
# program: vforks
break {main: waits}
continue
set follow-fork-mode child
catch exec
continue
#> Detaching vfork parent
#> Catchpoint 2 \(exec'd .*true\)
info inferiors
#> \n\* 2 +process \d+ .*/true
