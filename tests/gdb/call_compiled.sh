# gdb's `compile`: it puts code that a compiler makes into memory from mmap, and calls it.
record inferior
debug 'break twice' 'continue' 'up' 'compile code counter = half(14)' 'print counter' 'next' 'print counter'
if grep -q 'Could not load libcc1' "$TMP/out"; then
	echo "skipped: gdb finds no libcc1.so, which comes with gcc"
else
	want '\$1 = 7$' '\$2 = 5$'
fi
