# dump prints calls as strace does; ps shows the tree; both as JSON.
$REPRISE record -o t sh -c 'cat /etc/hostname /nonexistent; (exit 5); kill -9 $$' > /dev/null 2>&1 || true
$REPRISE dump t > d
grep -q 'openat(AT_FDCWD, "/etc/hostname", O_RDONLY) = 3' d || { grep openat d; exit 1; }
grep -q 'openat(AT_FDCWD, "/nonexistent", O_RDONLY) = -1 ENOENT (No such file or directory)' d
grep -q 'task-exit *killed by SIGKILL' d
$REPRISE dump t -e 5-8 | wc -l | grep -q -v '^0'
[ $($REPRISE dump t -e 2 --json | wc -l) = 1 ]
$REPRISE dump t --json | python3 -c '
import json, sys
ev = [json.loads(l) for l in sys.stdin]
n = [e["event"] for e in ev]  # buffered calls share the number of the event that holds them
assert n == sorted(n) and set(n) == set(range(1, max(n) + 1)) and len(n) > len(set(n))
assert any(e.get("call") == "openat" and e["result"] == -2 for e in ev)
assert ev[-1]["kind"] == "end"'
$REPRISE ps t | grep -q 'cat /etc/hostname /nonexistent'
$REPRISE ps t --json | python3 -c '
import json, sys
rows = [json.loads(l) for l in sys.stdin]
assert rows[0]["parent"] == 0 and rows[0]["signal"] == 9, rows
assert any(r["command"].startswith("cat") and r.get("exit") == 1 for r in rows), rows'
