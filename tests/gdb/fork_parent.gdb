# The parent's breakpoints do not stop in its children.
# program: forks
break compute
continue
#> compute \(n=17\)
