# The libraries are listed with their symbols read.
# program: calls
break main
continue
info sharedlibrary
#> Yes.*ld-linux
#> Yes.*libc
