# dump --list-slices: groups that run side by side have slices of their own, in each of which one task runs.
$REPRISE record -o t sh -c 'for i in 1 2 3; do (ls -R /usr/share/common-licenses; sort /etc/services) > /dev/null & done; wait'
$REPRISE dump --list-slices --json t > slices
python3 - <<'P'
import json
groups = {}
for s in sorted((json.loads(l) for l in open("slices")), key=lambda s: s["first"]):
    groups.setdefault(s["group"], []).append(s)
assert len(groups) > 6, len(groups)
for g in groups.values():
    for a, b in zip(g, g[1:]):
        assert a["last"] < b["first"] and a["task"] != b["task"], (a, b)
all = sorted((s["first"], s["last"]) for g in groups.values() for s in g)
assert any(a[1] > b[0] for a, b in zip(all, all[1:])), "nothing ran side by side"
P
