# info auxv is that of the recorded process.
# program: calls
info auxv
#> AT_PAGESZ .* 4096
#> AT_EXECFN .*calls
