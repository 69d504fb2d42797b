# step goes into functions line by line, and out of them again.
# program: calls
break middle
continue
step
#> leaf \(n=3\)
#> twice = 2 \* n
step
#> total \+= twice
step
#> return twice \+ 1
step
step
#> middle \(n=3\)
#> b = leaf\(a\)
