# A recording inside a recording is refused with a clear line, and the outer one goes on. (Nothing shows to the
# inner one that it is traced: tracing is not permitted to it.)
set +e
$REPRISE record -o outer sh -c "$REPRISE record -o inner true; echo inner status \$?" > out 2> err
[ $? = 0 ] && grep -q 'inner status 125' out && grep -q 'wants to trace processes' err || { cat out err; exit 1; }
$REPRISE replay -a outer > out2 2> err2
cmp out out2
