# At the end continue stays there, and the registers can be read.
# program: calls
continue
#> No more reverse-execution history
continue
#> No more reverse-execution history
#! Could not read
stepi
print total
#> = 20$
#! Could not read
break factorial
reverse-continue
#> factorial \(n=1\)
