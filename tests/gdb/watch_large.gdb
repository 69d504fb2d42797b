# A watchpoint may be longer than any register: thousands of bytes.
# program: watches
break main
continue
watch big
continue
#> Hardware watchpoint 2: big
x/i $pc
continue
#> Hardware watchpoint 2: big
