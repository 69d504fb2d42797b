# Calls see what the calls before them left: gdb puts a string that is an argument into memory from malloc.
# program: inferior
break {main: first}
continue
print greeting("world")
print text
print (int)strlen("twelve chars")
next
print text
#> "hello, world"$
#> = "hello, world"
#> = 12$
#> = "recorded"
