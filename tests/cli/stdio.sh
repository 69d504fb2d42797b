# Standard input, a terminal, and output to files and pipes are the program's own.
[ "$(echo typed | $REPRISE record -o a cat)" = typed ]
[ "$($REPRISE replay -a a)" = typed ]
$REPRISE record -o b sh -c 'echo out; echo err >&2' > o 2> e
[ "$(cat o)" = out ] && [ "$(cat e)" = err ]
$REPRISE replay -a b > o2 2> e2; cmp o o2; cmp e e2
$REPRISE replay -a -q b > o3 2> e3; [ ! -s o3 ] && [ ! -s e3 ]
[ "$(script -qec "$REPRISE record -o c sh -c 'test -t 1 && tty && stty size'" /dev/null < /dev/null | wc -l)" = 2 ]
head -c 1000000 /dev/urandom > big
$REPRISE record -o d cat big > copy; cmp big copy
$REPRISE replay -a d | cmp - big
