# Traces are NAME-N; parallel recordings never meet; latest, ls and rm.
for i in 1 2 3 4 5 6; do $REPRISE record true & done
wait
[ $(ls -d $REPRISE_TRACE_DIR/true-? | wc -l) = 6 ]
[ -e $REPRISE_TRACE_DIR/latest/header ]
for t in 0 1 2 3 4 5; do $REPRISE replay -a true-$t; done
[ $($REPRISE ls | wc -l) = 6 ]
$REPRISE ls --json | python3 -c 'import json, sys; rows = [json.loads(l) for l in sys.stdin]; assert len(rows) == 6 and rows[0]["command"] == "true"'
$REPRISE rm true-2 true-3
[ $($REPRISE ls | wc -l) = 4 ]
! $REPRISE rm /etc 2>/dev/null
[ -e /etc/passwd ]
$REPRISE rm --all
[ $($REPRISE ls --json | wc -l) = 0 ]
