# Hardware breakpoints stop as others, as many as one likes.
# program: calls
hbreak main
hbreak leaf
hbreak middle
hbreak factorial
hbreak {leaf: first}
hbreak {main: last}
continue
#> main
continue
#> middle \(n=3\)
continue
#> leaf \(n=3\)
reverse-continue
#> middle \(n=3\)
