# kill -9 of the recorder: nothing is left running, the trace replays to its last event.
$REPRISE record -o t sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); echo $i; /bin/true; done' > out 2>&1 &
pid=$!
sleep 2
kids=$(pgrep -P $pid || true)
kill -9 $pid || { echo "it ended by itself:"; tail -n 3 out; exit 1; }
sleep 0.5
for k in $kids; do [ -e /proc/$k ] && [ "$(awk '{print $3}' /proc/$k/stat)" != Z ] && { echo "process $k is left"; exit 1; }; done
set +e
timeout 60 $REPRISE replay -a t > again 2> err
c=$?
[ $c = 125 ] && grep -q 'cut short' err || { echo "status $c"; cat err; exit 1; }
set -e
# At most a second is lost, and what is there is the beginning of what was.
[ $(wc -l < again) -gt 20 ] || { echo "only $(wc -l < again) lines of $(wc -l < out)"; exit 1; }
head -n $(wc -l < again) out | cmp - again
$REPRISE ps t > p 2>&1; grep -q while p
$REPRISE dump t > d 2>&1; tail -1 d | grep -q .
