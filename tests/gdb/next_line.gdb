# next passes the functions that a line calls.
# program: calls
break middle
continue
next
#> b = leaf\(a\)
next
#> return a \+ b
#! leaf \(n=
