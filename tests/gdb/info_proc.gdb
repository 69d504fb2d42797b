# The memory map is the recorded process's, without what is Reprise's; its program is known.
# program: calls
break main
continue
info proc mappings
#> r--p .*/calls
#> r-xp .*/calls
#> r-xp .*/libc.so.6
#> \[stack\]
info proc mappings
#! 0x7a3
info proc exe
#> exe = '.*/calls'
