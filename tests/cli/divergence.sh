# A trace whose data were changed does not replay as if nothing were: a report that names the event and the
# program's own address, for a call that stops as for a buffered one, and status 125.
cat > edit.py <<'P'
# Replace bytes in the first frame that has them, and make the checksums right again (docs/trace-format.md).
import ctypes, struct, sys
old, new = (a.encode() for a in sys.argv[1:])
xx, zs = ctypes.CDLL("libxxhash.so.0"), ctypes.CDLL("libzstd.so.1")
xx.XXH64.restype, xx.XXH64.argtypes = ctypes.c_uint64, [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64]
zs.ZSTD_compress.restype = zs.ZSTD_decompress.restype = ctypes.c_size_t
size_t, HEAD = ctypes.c_size_t, "<IIQQIIIIQQ"
length = struct.calcsize(HEAD)


def recode(call, data, room, *more):
    to = ctypes.create_string_buffer(room)
    n = call(to, size_t(room), data, size_t(len(data)), *more)
    assert n <= room, "zstd"
    return to.raw[:n]


def sum_of(data):
    return struct.pack("<Q", xx.XXH64(data, len(data), 0))


data, out, off, done = open("t/events", "rb").read(), b"", 0, 0
while off < len(data):
    head = list(struct.unpack_from(HEAD, data, off))
    off += length + 16
    plain = recode(zs.ZSTD_decompress, data[off:off + head[6]], head[5])
    off += head[6]
    if not done and old in plain:
        plain, done = plain.replace(old, new, 1), 1
    body = recode(zs.ZSTD_compress, plain, head[5] + 1000, 1)
    head[6] = len(body)
    fields = struct.pack(HEAD, *head) + sum_of(body)
    out += fields + sum_of(fields) + body
assert done, "no frame has these bytes"
open("t/events", "wb").write(out)
P
echo hello-from-a-file > file
$REPRISE record -o t sh -c 'read x < file; echo "$x"' > recorded
$REPRISE replay -a t > out
cmp recorded out
mv t whole

# $1 is changed to $2 in the call that dump shows with $3: the report says $4 of that event.
differs() {
	cp -r whole t
	python3 edit.py "$1" "$2"
	n=$($REPRISE dump t | sed -nE "s/^ *([0-9]+)(\+[0-9]+)? .* $3.*/\1/p")
	code=0
	$REPRISE replay -a t > out 2> err || code=$?
	[ $code = 125 ] || { echo "$1: status $code"; cat err; exit 1; }
	sed -n 1p err | grep -qE "^reprise: the replay differs from the recording at event $n \([a-z]+ [a-z0-9]+\) of task [0-9]+: $4" ||
		{ echo "$1: the first line is not '$4' at event $n:"; cat err; exit 1; }
	sed -n 2p err | grep -qE '^  at +0x[0-9a-f]{16}  /[^ ]*/(libc|ld-linux)[^ /]*\+0x' ||
		{ echo "$1: the second line names no address of the C library:"; cat err; exit 1; }
	[ "$(tail -n 1 err)" = "reprise: the replay stopped at event $n" ] || { cat err; exit 1; }
	rm -r t
}
differs hello-from-a-file jello-from-a-file 'write\(1, "jello' 'the memory that the call reads differs'
differs /etc/ld.so.preload /etc/ld.so.prelaad 'access\("\/etc\/ld.so.prelaad' 'the memory that access reads differs'
