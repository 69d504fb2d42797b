# 1,000 random positions of a recording are reached twice with the same registers and memory.
cat > p.c <<'C'
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>
static volatile long n; static volatile int hits; static char *volatile block[64];
static void on(int sig) { hits += sig > 0; }
static void *work(void *p)
{
	for (int i = 0; i < 300000; i++) {
		n = n * 3 + i;
		if (i % 5000 == 0) {
			free(block[i / 5000]);
			block[i / 5000] = strdup("something");
			getppid();
		}
	}
	return p;
}
int main(void)
{
	struct itimerval it = {{0, 2000}, {0, 2000}};
	pthread_t t[3];
	signal(SIGALRM, on);
	setitimer(ITIMER_REAL, &it, 0);
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], 0, work, 0);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], 0);
	printf("%ld\n", n);
	return 0;
}
C
cc -O1 -pthread p.c -o p
$REPRISE record --slice 1 -o t ./p > out || exit 1
$REPRISE dump --json t > events
python3 - > args <<'P'
import json, random
ev = [json.loads(l) for l in open("events")]
random.seed(1)
# What runs to an event passes its ticks after the last event at which a task stopped.
seen = {}
for e in ev:
    seen.setdefault(e["event"], e)
stops = [e for n, e in sorted(seen.items()) if "buffered" not in e and e["kind"] != "end"]
runs = ("syscall", "entry", "signal", "safepoint", "instruction")
pos = set()
while len(pos) < 1000:
    i = random.randrange(len(stops) - 1)
    a, b = stops[i], stops[i + 1]
    if b["kind"] in runs and b["ticks"]:
        pos.add((a["event"], random.randint(1, b["ticks"])))
        pos.add((a["event"], b["ticks"]))  # where the event itself is
        pos.add((a["event"], b["ticks"]))  # the very place of the event
    if a["kind"] in runs:
        pos.add((a["event"], 0))
print(" ".join(f"-t {a}:{t}" for a, t in sorted(pos)))
P
for i in 1 2; do $REPRISE replay -aq $(cat args) t > $i 2> err || { cat err; tail -3 $i; exit 1; }; done
cmp 1 2 || exit 1
[ $(grep -c '^position' 1) -ge 700 ] || { echo "only $(grep -c '^position' 1) positions"; exit 1; }
[ $(sort -u 1 | grep -c '^position') = $(grep -c '^position' 1) ] || exit 1
# One alone, and one that does not exist.
p=$(sed -n 's/^position \([0-9]*:[0-9]*\),.*/\1/p' 1 | sed -n 300p)
$REPRISE replay -aq --to $p t > one || exit 1
grep -qF "$(head -1 one)" 1 || { cat one; exit 1; }
$REPRISE replay -aq --to 999999 t 2> err && exit 1
grep -q 'before position 999999:0' err || { cat err; exit 1; }
$REPRISE dump --list-slices t | grep -q ' ticks ' || exit 1
