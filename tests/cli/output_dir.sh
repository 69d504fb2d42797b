# -o: a new or empty directory; else a clear refusal.
mkdir empty full; touch full/file
$REPRISE record -o new/deep true
$REPRISE record -o empty true
$REPRISE replay -a new/deep
! $REPRISE record -o full true 2> err
grep -q 'not empty' err && [ -e full/file ]
! $REPRISE record -o /proc/nothing true 2> err
[ $(wc -l < err) = 1 ]
touch file
! REPRISE_TRACE_DIR=$TMP/file/x $REPRISE record true 2> err
[ $(wc -l < err) = 1 ]
