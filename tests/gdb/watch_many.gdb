# There can be more watchpoints than the processor has registers for.
# program: watches
break main
continue
watch value
watch sink
watch buffer
watch big[4500]
watch faults
watch on_stack
continue
#> Hardware watchpoint 7: on_stack
continue
#> New value = 1
continue
continue
continue
#> Hardware watchpoint 3: sink
continue
#> Hardware watchpoint 4: buffer
continue
#> Hardware watchpoint 5: big\[4500\]
continue
#> Hardware watchpoint 7: on_stack
