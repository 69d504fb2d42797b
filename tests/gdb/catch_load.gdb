# catch load and catch unload stop when the program loads a library and leaves it, also the second time one comes there.
# program: jumps
break {main: print}
catch load libm
continue
#> Catchpoint 2
#> Inferior loaded .*libm
continue
#> main: print
info sharedlibrary
#> libm
run
#> Catchpoint 2
#> Inferior loaded .*libm
catch unload libm
continue
#> main: print
continue
#> Catchpoint 3
#> Inferior unloaded .*libm
