# Steps back to a breakpoint and from it, with counts of its visits that began in the midst of steps.
# program: calls 3
break leaf
continue
python pc = lambda: int(gdb.parse_and_eval("(long)$pc"))
python at = pc()
reverse-stepi
python before = pc()
reverse-stepi
continue
python print("there", pc() == at)
reverse-stepi
python print("back", pc() == before)
reverse-stepi
stepi
stepi
python print("again", pc() == at)
#> there True
#> back True
#> again True
#! No more
