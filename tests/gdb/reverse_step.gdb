# reverse-step goes back line by line, into functions from their end.
# program: calls
tbreak middle
continue
next
#> b = leaf\(a\)
reverse-step
#> leaf \(n=3\)
reverse-step
#> total \+= twice|return twice
