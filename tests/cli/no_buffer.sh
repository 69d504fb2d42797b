# --no-buffer: every call stops, nothing is instrumented; replay does not care.
$REPRISE record --no-buffer --stats -o t sh -c 'ls / | wc -l; cat /proc/self/maps | grep -c images; true' > out 2> stats
grep -q ' 0 of them buffered' stats
$REPRISE replay -a t | cmp - out
$REPRISE dump t | grep -q reprise/images && exit 1
exit 0
