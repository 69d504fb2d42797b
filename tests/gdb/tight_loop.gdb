# A breakpoint in a tight loop, with a count; backwards to the pass before.
# program: insns
handle SIGFPE SIGILL nostop noprint
tbreak spin
continue
break *(char *)&spin_at
ignore 2 500
continue
print $eax
#> = 500$
reverse-continue
print $eax
#> = 499$
