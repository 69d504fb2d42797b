# checkpoint keeps a place, restart goes there, info checkpoints lists them, delete forgets.
# program: calls
info checkpoints
#> No checkpoints
break leaf
continue
checkpoint the first call
#> Checkpoint 1 at the first call
continue
checkpoint
#> Checkpoint 2 at leaf at .*calls.c:11
info checkpoints
#> 1 .*the first call
#> 2 .*leaf at
restart 1
print n
#> = 3$
restart 2
print n
#> = 7$
delete checkpoint 1
info checkpoints
#! the first call
restart 1
#> no checkpoint 1
