# reverse-next goes back over the calls of a line.
# program: calls
break middle
continue
next
next
#> return a \+ b
reverse-next
#> b = leaf\(a\)
reverse-next
#> a = leaf\(n\)
#! leaf \(n=
