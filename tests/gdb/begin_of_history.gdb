# Nothing lies before the exec.
# program: calls
reverse-continue
#> No more reverse-execution history
break main
continue
#> main
reverse-continue
#> No more reverse-execution history
reverse-stepi
#> No more reverse-execution history
