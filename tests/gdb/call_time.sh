# In a called function the clocks show the time of the recording, and a wait takes no time but shows.
before=$(date +%s)
record inferior
after=$(date +%s)
until [ "$(date +%s)" -gt $((after + 1)) ]; do sleep 0.2; done
debug 'break twice' 'continue' 'print now()' 'print now()' 'print nap()' 'print behind() - recorded_behind' 'next' 'print now()'
want '\$1 = ' '\$2 = ' '\$3 = 20[01]$' '\$4 = (-1|0|1)$' '\$5 = '
for i in 1 2 5; do
	t=$(sed -n "s/^.$i = //p" "$TMP/out")
	[ "$t" -ge $((before - 1)) ] && [ "$t" -le $((after + 1)) ] || { echo "$t is not between $before and $after"; cat "$TMP/out"; exit 1; }
done
