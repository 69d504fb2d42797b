# With --chaos too, replay shows what several processes wrote in the order in which they did.
for seed in 1 2 3 4 5; do
	$REPRISE record --chaos=$seed -o t$seed sh -c '
		for i in 1 2 3 4 5 6 7 8; do
			(x=0; while [ $x -lt 30 ]; do x=$((x + 1)); done; echo $i; echo $i) &
		done
		wait' > recorded 2> err
	$REPRISE replay -a t$seed > replayed
	cmp recorded replayed
done
