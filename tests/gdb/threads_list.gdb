# info threads lists the recorded threads that there are then, and no others.
# program: threads
break step if me == 1 && i == 1
continue
info threads
#> 1 +Thread
#> 2 +Thread
#> 3 +Thread
#! 4 +Thread
delete
break main
reverse-continue
info threads
#> 1 +Thread .*main
#! 2 +Thread
