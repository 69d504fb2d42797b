# Recordings share the files that they have in common, by hard links to a store beside them.
export XDG_CACHE_HOME=$PWD/cache # it damages files that are links to the cache's images
S=$REPRISE_TRACE_DIR/.store
own() { $REPRISE ls --json | python3 -c 'import json, sys
for l in sys.stdin:
    o = json.loads(l)
    if o["name"] == sys.argv[1]: print(o["own_bytes"], o["bytes"])' "$1"; }
alone() { [ -z "$(find "$1" -type f -links +1)" ]; }
stored() { find $S -type f | wc -l; }
unneeded() { find $S -type f -links 1 | wc -l; } # others may be images that the cache has too
$REPRISE record sh -c 'cat /etc/hostname | wc -l' > out
$REPRISE record sh -c 'cat /etc/hostname | wc -l' > out
n=$(stored); [ $n -ge 4 ]
read -r mine all <<< "$(own sh-1)"; [ $((mine * 10)) -lt $all ]
[ -z "$(find $S -type f -perm /222)" ]
# Names of what files held: the same file gets the same content, a changed one another.
printf '#!/bin/sh\necho %s\n' one > script; chmod 755 script; cp /bin/cat mine; touch -d '1 hour ago' mine
$REPRISE record -o m1 ./mine script > o1; cp /bin/tac mine; $REPRISE record -o m2 ./mine script > o2
$REPRISE replay -a m1 | cmp - o1; $REPRISE replay -a m2 | cmp - o2; ! cmp -s o1 o2 || exit 1
# Removing one recording harms no other; with the last everything goes.
$REPRISE rm sh-0; $REPRISE replay -a sh-1 | cmp - out
# What pack leaves shares nothing, and replays elsewhere.
$REPRISE pack sh-1; alone $REPRISE_TRACE_DIR/sh-1
mkdir else; mv $REPRISE_TRACE_DIR/sh-1 else/; $REPRISE rm m1 m2 --all; [ "$(unneeded)" = 0 ]; [ "$(stored)" -lt $n ]; ! ls $S | grep ^file- || exit 1
$REPRISE replay -a else/sh-1 | cmp - out
cp -r else/sh-1 broken; f=$(ls -S broken/files | head -1); chmod u+w broken/files/$f; echo x >> broken/files/$f
! $REPRISE pack broken 2> err || exit 1; grep -q 'does not have the content' err
rm broken/files/$f; ! $REPRISE pack broken 2> err || exit 1; grep -q 'is not there\|cannot open' err
# Damage in the store is noticed at replay, and not passed on.
$REPRISE record true; f=$(ls -S $S | head -1); chmod u+w $S/$f; printf x | dd conv=notrunc of=$S/$f bs=1 seek=5000 status=none
! $REPRISE replay -a true-0 2> err || exit 1; grep -q 'does not have the content its name says' err
$REPRISE record true; $REPRISE replay -a true-1
# The same with nothing that tells but the content: images are checked before they run.
f=$(basename $(readlink $(ls -d $S/image-* | head -1))); chmod u+w $S/$f; printf y | dd conv=notrunc of=$S/$f bs=1 seek=5000 status=none
chmod 444 $S/$f; touch -d @0 $S/$f; $REPRISE record true; $REPRISE replay -a true-2
# A killed recorder leaves what rm finds.
$REPRISE record sh -c 'echo begun; exec sleep 60' > begun & pid=$!
until grep -q begun begun; do sleep 0.05; done; kill -9 $pid; wait $pid || true
$REPRISE rm --all; [ "$(unneeded)" = 0 ]; ! ls $S | grep ^file- || exit 1
# Several at once, while somebody sweeps.
for i in 1 2 3 4; do $REPRISE record -o p$i sh -c 'ls / | wc -l' > /dev/null & done
for i in 1 2 3 4 5 6; do $REPRISE rm --all; done; wait
for i in 1 2 3 4; do $REPRISE replay -a p$i > /dev/null; done
# No store to be had: somebody else's, or no folder. Recordings then share nothing.
rm -rf $S; : > $S; $REPRISE record -o n1 true; $REPRISE replay -a n1; rm $S
mkdir -m 777 $S; chmod 777 $S; $REPRISE record -o n2 true; $REPRISE replay -a n2; [ "$(stored)" = 0 ]
if [ "$(id -u)" = 0 ] && mkdir far && mount -t tmpfs none far 2> /dev/null; then
  chmod 700 $S; $REPRISE record -o far/t true; $REPRISE record -o far/u true; $REPRISE replay -a far/u; umount far
else
  echo 'skipped: another file system (needs root and mount)'
fi
