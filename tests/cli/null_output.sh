# What was written to /dev/null as the command's output is shown when it is replayed; what the program itself writes to /dev/null is not,
# and costs no stop a call.
$REPRISE record -o a sh -c 'echo out; echo hidden > /dev/null; exec 3> /dev/null; echo hidden >&3; echo err >&2' > /dev/null 2> /dev/null < /dev/null
$REPRISE replay -a a > o 2> e
[ "$(cat o)" = out ] && [ "$(cat e)" = err ]
$REPRISE record -o b sh -c 'echo out; echo err >&2' > /dev/null 2>&1
[ "$($REPRISE replay -a b)" = "$(printf 'out\nerr')" ]
$REPRISE record --stats -o c dd if=/dev/zero of=/dev/null bs=1 count=20000 > /dev/null 2> stats
cat stats
stops=$(sed -nE 's/.* ([0-9]+) stops.*/\1/p' stats)
[ "$stops" -lt 2000 ]
$REPRISE replay -a c > o 2> e
grep '20000 bytes' e && [ ! -s o ]
