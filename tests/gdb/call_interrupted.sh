# A called function that does not return can be interrupted.
record inferior
# A shell lets its background jobs ignore SIGINT.
env --default-signal=INT "$REPRISE" replay "$TMP/t" -- -nx -batch -ex 'set width 0' -ex 'break main' -ex continue \
	-ex 'python import os; open("gdb-pid", "w").write(str(os.getpid()))' -ex 'print spin()' -ex 'backtrace' \
	-ex 'reverse-stepi' -ex 'print counter' > "$TMP/out" 2>&1 < /dev/null &
until grep -q '^spinning' "$TMP/out"; do sleep 0.1; done
kill -INT "$(cat gdb-pid)"
wait $!
want '^spinning' 'received signal SIGINT' 'spin \(\)' 'function called from gdb' 'is given up' '= 5$'
