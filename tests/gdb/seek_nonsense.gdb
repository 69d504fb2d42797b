# What is no position is refused, and nothing moves.
# program: calls
break leaf
continue
seek tomorrow
#> EVENT|position
print n
#> = 3$
seek
#> seek wants
