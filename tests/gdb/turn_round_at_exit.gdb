# At the end of a child one may turn round as often as one likes.
# program: forks
set detach-on-fork off
continue
#> Inferior 2 .* exited with code 021
inferior 1
reverse-continue
#> stopped
continue
#> exited with code 021
inferior 1
reverse-continue
#> stopped
backtrace
#> main
