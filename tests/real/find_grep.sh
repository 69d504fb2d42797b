# find and grep over a large tree.
# limit: 300
set -e
find /usr/share/doc /usr/include -type f | sort > list; wc -l < list
find /usr/lib/x86_64-linux-gnu -maxdepth 1 -name '*.so*' -size +100k | wc -l
grep -rl struct /usr/include/linux | wc -l
grep -rhoE '^#define [A-Z_]+' /usr/include/x86_64-linux-gnu | sort | uniq -c | sort -rn | head -3
xargs -n 500 wc -c < list | awk '/total/ {s += $1} END {print s}'
