# In a called function cpuid, rdtsc and rdrand answer as in a program, where the recording holds no answers.
# program: inferior
break {main: first}
continue
print odd_insns()
next
print got
#> = 1$
#> = 10$
