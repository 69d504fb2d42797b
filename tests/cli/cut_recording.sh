# kill -9 of the recorder: nothing is left running, the trace replays to its last event.
CUT=$$ $REPRISE record -o t sh -c '
	for i in 1 2 3 4 5 6 7 8 9; do echo $i; /bin/true; done; echo nine
	i=0; while :; do i=$((i + 1)); echo $i; /bin/true; done' > out 2>&1 &
pid=$!
# What a recording has done reaches the disk without its end.
until $REPRISE dump t 2>/dev/null | grep -q 'write(1, "nine'; do
	[ $SECONDS -lt 100 ] || { echo "the trace does not grow"; tail -n 3 out; kill -9 $pid; exit 1; }
	sleep 0.1
done
kill -9 $pid || { echo "it ended by itself:"; tail -n 3 out; exit 1; }
wait $pid || true
while left=$(grep -lzx "CUT=$$" /proc/[0-9]*/environ 2>/dev/null); do
	[ $SECONDS -lt 110 ] || { echo "left: $left"; exit 1; }
	sleep 0.1
done
set +e
timeout 60 $REPRISE replay -a t > again 2> err
c=$?
set -e
[ $c = 125 ] && grep -q 'cut short' err || { echo "status $c"; cat err; exit 1; }
grep -qx nine again
head -c $(stat -c %s again) out | cmp - again
$REPRISE ps t > p 2>&1; grep -q while p
$REPRISE dump t > d 2>&1; tail -1 d | grep -q .
