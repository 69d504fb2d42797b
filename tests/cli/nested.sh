# A recording inside a recording is refused with a clear line, and the outer one goes on.
set +e
$REPRISE record -o outer sh -c "$REPRISE record -o inner true; echo inner status \$?" > out 2> err
[ $? = 0 ] && grep -q 'inner status 125' out && grep -q 'itself being recorded: a recording inside' err || { cat out err; exit 1; }
$REPRISE replay -a outer > out2 2> err2
cmp out out2
