# A watchpoint backwards stops before the end of a read() in which its thread waited while another one worked.
# program: blocked
break {main: puts}
continue
watch got[1]
reverse-continue
#> Hardware watchpoint 2: got\[1\]
#> Old value = 98
#> New value = 0
backtrace
#> read.*\n(.*\n)?.*main
delete
watch got[0]
reverse-continue
#> Old value = 97
reverse-continue
#> No more reverse-execution history
