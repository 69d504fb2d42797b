# PostgreSQL: initdb, start, pgbench, stop.
# limit: 400
set -e
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
cat > run.sh <<EOF
set -e
export PGHOST=$PWD PGDATABASE=postgres
$bin/initdb -D db -A trust --no-sync > init.log
echo "unix_socket_directories='$PWD'
listen_addresses=''
fsync=off" >> db/postgresql.conf
$bin/pg_ctl -D db -l pg.log -w start > /dev/null
$bin/psql -c 'create table t(a int); insert into t select generate_series(1, 1000); select sum(a) from t;'
$bin/pgbench -i -s 1 -q > /dev/null 2>&1
$bin/pgbench -c 2 -t 20 2>/dev/null | grep 'actually processed'
$bin/psql -tc 'select count(*) from pgbench_history'
$bin/pg_ctl -D db -m fast -w stop > /dev/null
echo stopped
EOF
if [ "$(id -u)" = 0 ]; then
	chown nobody . run.sh
	setpriv --reuid nobody --regid nogroup --clear-groups bash run.sh
else
	bash run.sh
fi
