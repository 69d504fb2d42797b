# SIGTERM sent to the recorder reaches the program, whose status is kept.
$REPRISE record -o t sh -c 'trap "echo ended; exit 9" TERM; while :; do sleep 0.05; done' > out &
pid=$!
sleep 1
kill -TERM $pid
set +e; wait $pid; c=$?; set -e
[ $c = 9 ] && grep -q ended out || { echo "status $c"; cat out; exit 1; }
set +e; $REPRISE replay -a t > out2; [ $? = 9 ] && cmp out out2
