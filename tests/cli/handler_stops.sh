# 100,000 memory probes from a SIGPROF handler cost no more than 0.05 stops a call.
cc -O1 -I "$BUILD/../tests/programs" "$BUILD/../tests/programs/buffer_calls_in_handler.c" -o probe
$REPRISE record --stats -o t ./probe 2> stats
grep -o '([0-9.]* stops a call' stats | tr -d '(' | { read n _; python3 -c "import sys; sys.exit(not $n <= 0.05)" || { cat stats; exit 1; }; }
$REPRISE replay -a t
