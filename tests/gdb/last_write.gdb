# last-write goes to before the last change of some bytes; again, to the change before.
# program: watches
break {main: reads}
continue
eval "monitor last-write %p 4", &value
#> ^[0-9]
maintenance flush register-cache
print value
#> = 2$
eval "monitor last-write %p 4", &value
maintenance flush register-cache
print value
#> = 1$
