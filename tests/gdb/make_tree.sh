# A tree of processes as `make` has, all in one gdb: breakpoints in each, the ends of all, at last the first one alone;
# then all of that backwards.
exe=$TMP/forks
cp "$("$HERE/run" "$BUILD" --compile forks)" "$exe"
cat > "$TMP/job" <<'J'
"$1" &
(true; true)
"$1"
wait
J
"$REPRISE" record -o "$TMP/t" -- sh "$TMP/job" "$exe" > "$TMP/recorded"
cat > "$TMP/go.py" <<'P'
import gdb
for c in ("set detach-on-fork off", "set schedule-multiple on", "set breakpoint pending on", "break compute if n == 17"):
    gdb.execute(c)
hits, ended = [], []
gdb.events.stop.connect(lambda e: hits.append(gdb.selected_inferior().pid) if isinstance(e, gdb.BreakpointEvent) else None)
gdb.events.exited.connect(lambda e: ended.append(getattr(e, "exit_code", None)))

def go(command, done):
    for _ in range(60):
        live = [i for i in gdb.inferiors() if i.pid]
        if done(len(live)):
            break
        if not gdb.selected_inferior().pid:
            gdb.execute("inferior %d" % live[0].num)
        gdb.execute(command)
    print("%s: hits in %d processes, ends: %s, left: %s" % (command, len(set(hits)), sorted(ended), [i.progspace.filename for i in live]))
    hits.clear()
    ended.clear()

go("continue", lambda n: len(ended) == 7)
gdb.execute("inferior 1")
gdb.execute("continue")
go("reverse-continue", lambda n: n == 1 and len(ended) >= 7)
P
more="-x $TMP/go.py"
debug; cp "$TMP/out" "${KEEP:-/dev/null}"
want '^continue: hits in 2 processes, ends: \[0, 0, 0, 0, 0, 17, 17\], left: .*sh.\]' \
	'No more reverse-execution history' \
	'^reverse-continue: hits in 2 processes, ends: \[0, 0, 0, 0, 0, 0, 0\]'
