# redis-server under redis-benchmark.
# limit: 240
set -e
dir=$(pwd)
redis-server --port 0 --unixsocket "$dir/r.sock" --save '' --daemonize no --dir "$dir" > log 2>&1 &
for i in $(seq 100); do redis-cli -s "$dir/r.sock" ping 2>/dev/null | grep -q PONG && break; sleep 0.05; done
redis-cli -s "$dir/r.sock" set key value; redis-cli -s "$dir/r.sock" get key
redis-benchmark -s "$dir/r.sock" -n 500 -c 5 -t set,get,lpush -q | tr '\r' '\n' | grep -c 'per second'
redis-cli -s "$dir/r.sock" bgsave; sleep 0.3; redis-cli -s "$dir/r.sock" dbsize
redis-cli -s "$dir/r.sock" shutdown nosave || true
wait
