# A trace whose data were changed does not replay as if nothing were: a report that names the event and the
# program's own address, for a call that stops as for a buffered one, and status 125.
echo hello-from-a-file > file
$REPRISE record -o t sh -c 'read x < file; echo "$x"' > recorded
$REPRISE replay -a t > out
cmp recorded out
mv t whole

# $1 is changed to $2 in the call that dump shows with $3: the report says $4 of that event.
differs() {
	cp -r whole t
	python3 "$HERE/../edit_trace.py" "$1" "$2"
	n=$($REPRISE dump t | sed -nE "s/^ *([0-9]+)(\+[0-9]+)? .* $3.*/\1/p")
	code=0
	$REPRISE replay -a t > out 2> err || code=$?
	[ $code = 125 ] || { echo "$1: status $code"; cat err; exit 1; }
	sed -n 1p err | grep -qE "^reprise: the replay differs from the recording at event $n \([a-z]+ [a-z0-9]+\) of task [0-9]+: $4" ||
		{ echo "$1: the first line is not '$4' at event $n:"; cat err; exit 1; }
	sed -n 2p err | grep -qE '^  at +0x[0-9a-f]{16}  /[^ ]*/(libc|ld-linux)[^ /]*\+0x' ||
		{ echo "$1: the second line names no address of the C library:"; cat err; exit 1; }
	[ "$(tail -n 1 err)" = "reprise: the replay stopped at event $n" ] || { cat err; exit 1; }
	rm -r t
}
differs hello-from-a-file jello-from-a-file 'write\(1, "jello' 'the memory that the call reads differs'
differs /etc/ld.so.preload /etc/ld.so.prelaad 'access\("\/etc\/ld.so.prelaad' 'the memory that access reads differs'
