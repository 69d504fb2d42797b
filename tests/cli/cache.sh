# The cache of instrumented images: made, used, shown, cleared; damaged entries, a killed
# writer, a read-only or full place, and recordings side by side do no harm.
export XDG_CACHE_HOME=$PWD/cache
$REPRISE record -o t1 true
n=$(ls cache/reprise/images | wc -l); [ "$n" -ge 2 ]
$REPRISE cache | grep -q "$n files"
$REPRISE cache --json | python3 -c 'import json, sys; o = json.load(sys.stdin); assert o["bytes"] > 0 and len(o["images"]) >= 2'
stamp=$(stat -c %i cache/reprise/images/* | sort)
$REPRISE record -o t2 true # used again, not made again
[ "$stamp" = "$(stat -c %i cache/reprise/images/* | sort)" ]
# Damaged: cut short, a changed byte, nonsense. Made anew each time.
for damage in 'truncate -s 5000' 'truncate -s +4096' 'dd conv=notrunc bs=1 seek=9000 count=1 status=none if=/etc/passwd of=' 'cp /etc/services'; do
  for f in cache/reprise/images/*; do case $damage in *of=) $damage$f;; *) [ ! -s $f ] || $damage $f;; esac; done
  rm -rf t; $REPRISE record -o t sh -c 'cat /etc/hostname | wc -l' > out; $REPRISE replay -a t | cmp - out
done
# The addresses that stubs name are part of the version: no image made for another layout of the runtime is used.
runtime=$(dirname $0)/../../runtime
layout=$(printf 0x%08x $(cat $runtime/layout.h $runtime/shared.h | cksum | cut -d" " -f1))
f=$(ls -S cache/reprise/images/* | head -1); cp $f whole
case $f in *-$layout) ;; *) echo "$f does not end in $layout"; exit 1;; esac
printf x | dd conv=notrunc of=$f bs=1 seek=28 status=none # struct image_header: layout
rm -rf t; $REPRISE record -o t true; $REPRISE replay -a t
cmp whole $f || { echo "an image of another layout was used"; exit 1; }
# A writer that was killed leaves a temporary file only.
: > cache/reprise/images/x.1.tmp
rm -rf t; $REPRISE record -o t true
$REPRISE cache --clear | grep -q removed
[ -z "$(ls cache/reprise/images)" ]
# What is done to the files of a trace is noticed: in other traces that share them, and by the next recording.
$REPRISE record -o a true; $REPRISE record -o b true
for f in a/files/*; do truncate -s 100 $f; done
! $REPRISE replay -a b 2> err || exit 1; grep -q 'does not have the content its name says' err
rm -rf t; $REPRISE record -o t true; $REPRISE replay -a t
$REPRISE cache --clear > /dev/null
# Several at once with an empty cache.
for i in 1 2 3 4 5; do $REPRISE record -o p$i sh -c 'ls / | wc -l' > /dev/null & done; wait
for i in 1 2 3 4 5; do $REPRISE replay -a p$i > /dev/null; done
# No place for it: unwritable, full, not a folder, no HOME at all.
mkdir ro; chmod 555 ro
for place in $PWD/ro /proc/nowhere /etc/passwd; do
  rm -rf t; XDG_CACHE_HOME=$place $REPRISE record --stats -o t sh -c 'ls / | wc -l' > out 2> stats; $REPRISE replay -a t | cmp - out
  grep -q '[1-9][0-9]* of them buffered' stats
done
rm -rf t; env -u XDG_CACHE_HOME HOME=/proc/nonexistent $REPRISE record -o t true; $REPRISE replay -a t
if [ "$(id -u)" = 0 ] && mkdir full && mount -t tmpfs -o size=100k none full 2> /dev/null; then
  rm -rf t; XDG_CACHE_HOME=$PWD/full $REPRISE record -o t sh -c 'ls / | wc -l' > out; $REPRISE replay -a t | cmp - out
  umount full
else
  echo 'skipped: a full disk (needs root and mount)'
fi
# A large file takes a while: at a terminal one is told, with its name, and only the first time.
cp "$(readlink -f "$(which true)")" large; truncate -s 9M large
for i in 1 2; do python3 -c 'import pty, sys; pty.spawn(sys.argv[1:])' $REPRISE record -o large$i ./large > told$i; done
grep -q 'analysing large (9 MB), once' told1
! grep analysing told2
