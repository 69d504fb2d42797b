# python3: the sqlite3 module, mmap, json, re.
exec /usr/bin/python3 - <<'EOF'
import sqlite3, mmap, os, json, re, tempfile
db = sqlite3.connect("data.db"); db.execute("pragma journal_mode=wal")
db.execute("create table t(a integer primary key, b text)")
with db: db.executemany("insert into t(b) values(?)", [("row %d" % i,) for i in range(2000)])
other = sqlite3.connect("data.db")
print(other.execute("select count(*), max(b), sum(a) from t").fetchone())
with open("m", "w+b") as f:
    f.truncate(8192); m = mmap.mmap(f.fileno(), 8192); m[100:105] = b"hello"; f.seek(100); print(f.read(5))
print(len(json.dumps([{"k%d" % i: i} for i in range(1000)])), len(re.findall(r"\d+", "a1b22c333" * 100)))
EOF
