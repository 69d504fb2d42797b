# bash and coreutils: pipelines, job control, here documents, traps.
set -e
seq 1000 | awk '{s+=$1} END {print s}'
for i in 3 1 2; do echo $i; done | sort -n | paste -sd,
cat <<EOF | tr a-z A-Z | rev
here document
EOF
set -m
sleep 0.2 & a=$!
sleep 0.1 & b=$!
wait $b $a && echo waited
( trap 'echo trapped; exit 3' TERM; kill -TERM $BASHPID; sleep 1 ) || echo "status $?"
x=$(date +%s%N); test ${#x} -ge 19 && echo $x
diff <(printf 'a\nb\n') <(printf 'a\nc\n') || true
ls -la / | wc -l; du -s . >/dev/null; stat -c %a .; uname -m; nproc; id -u
(sleep 5 & exec 2>/dev/null; kill %1; wait %1) || echo "killed: $?"
head -c 100000 /dev/urandom | md5sum
timeout 0.2 sleep 5 || echo "timeout $?"
