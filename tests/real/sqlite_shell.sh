# sqlite3: transactions, indexes, a database on disk.
set -e
sqlite3 t.db 'create table t(a integer primary key, b text, c real); create index i on t(b);'
{ echo 'begin;'; for i in $(seq 3000); do echo "insert into t(b, c) values('name $((i * 7919 % 3000))', $i * 1.5);"; done; echo 'commit;'; } | sqlite3 t.db
sqlite3 t.db 'select count(*), sum(c), min(b), max(b) from t; select a from t where b = '"'name 77'"'; pragma integrity_check;'
sqlite3 t.db 'delete from t where a % 3 = 0; vacuum; select count(*) from t;'
sqlite3 t.db .dump | md5sum
