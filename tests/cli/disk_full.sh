# A full disk ends the recording with one clear line; what was written replays.
st() { set +e; "$@" > out 2> err; code=$?; set -e; }
mkdir small
if mount -t tmpfs -o size=12m tmpfs small 2>/dev/null; then
	trap 'umount small' EXIT
	st timeout 60 $REPRISE record -o small/t sh -c 'ls / >/dev/null; dd if=/dev/urandom bs=64k count=600 2>/dev/null | cat > /dev/null; sleep 20'
	[ $code = 125 ] && grep -q 'No space left' err && [ $(grep -c reprise: err) = 1 ] || { echo "status $code"; cat err; exit 1; }
	st timeout 60 $REPRISE replay -a small/t
	[ $code = 125 ] || { echo "replay: status $code"; cat err; exit 1; }
else
	echo "skipped: mounting a small file system is not allowed here"
fi
