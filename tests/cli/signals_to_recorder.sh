# SIGTERM sent to the recorder reaches the program, whose status is kept.
$REPRISE record -o t sh -c 'trap "echo ended; exit 9" TERM; echo ready; while :; do sleep 0.05; done' > out &
pid=$!
until grep -q ready out; do
	[ $SECONDS -lt 60 ] || { echo "it does not start"; kill -9 $pid; exit 1; }
	sleep 0.1
done
kill -TERM $pid
code=0; wait $pid || code=$?
[ $code = 9 ] && [ "$(cat out)" = "ready
ended" ] || { echo "status $code"; cat out; exit 1; }
code=0; $REPRISE replay -a t > out2 || code=$?
[ $code = 9 ] && cmp out out2
