# kill -9 of the recorder: nothing is left running, the trace replays to its last event.
$REPRISE record -o t sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); echo $i; /bin/true; done' > out 2>&1 &
pid=$!
sleep 2
kids=$(pgrep -P $pid || true)
kill -9 $pid
sleep 0.5
for k in $kids; do [ -e /proc/$k ] && [ "$(awk '{print $3}' /proc/$k/stat)" != Z ] && { echo "process $k is left"; exit 1; }; done
set +e
timeout 60 $REPRISE replay -a t > again 2> err
c=$?
[ $c = 125 ] && grep -q 'cut short' err || { echo "status $c"; cat err; exit 1; }
[ $(wc -l < again) -gt 5 ] && head -n $(wc -l < again) out | cmp - again
$REPRISE ps t | grep -q 'while' && $REPRISE dump t | tail -1 | grep -q .
