# Backwards through a recursion: each call of it, from the innermost out.
# program: calls
break factorial
continue
continue
continue
#> factorial \(n=4\)
reverse-continue
#> factorial \(n=5\)
reverse-continue
#> factorial \(n=6\)
reverse-continue
#> No more reverse-execution history
