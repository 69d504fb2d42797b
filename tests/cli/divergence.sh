# A trace whose data were changed does not replay as if nothing were: a report and 125.
echo hello-from-a-file > file
$REPRISE record -o t sh -c 'read x < file; echo "$x"'
$REPRISE replay -a t
cat > edit.py <<'P'
import struct, ctypes, ctypes.util
xx = ctypes.CDLL("libxxhash.so.0"); zs = ctypes.CDLL("libzstd.so.1")
xx.XXH64.restype = ctypes.c_uint64; xx.XXH64.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64]
for f in ("ZSTD_compress", "ZSTD_decompress"): getattr(zs, f).restype = ctypes.c_size_t
h = lambda b: xx.XXH64(bytes(b), len(b), 0)
data, out, off, done = open("t/events", "rb").read(), b"", 0, False
while off < len(data):
    magic, group, first, last, count, raw, packed, zero, sum1, sum2 = struct.unpack_from("<IIQQIIIIQQ", data, off)
    body = data[off + 56:off + 56 + packed]; off += 56 + packed
    buf = ctypes.create_string_buffer(raw); assert zs.ZSTD_decompress(buf, ctypes.c_size_t(raw), body, ctypes.c_size_t(packed)) == raw
    plain = buf.raw
    if b"hello-from-a-file\n" in plain and not done:
        plain = plain.replace(b"hello-from-a-file\n", b"jello-from-a-file\n", 1); done = True
    buf = ctypes.create_string_buffer(raw + 1000); n = zs.ZSTD_compress(buf, ctypes.c_size_t(raw + 1000), plain, ctypes.c_size_t(raw), 1)
    body = buf.raw[:n]
    head = struct.pack("<IIQQIIIIQ", magic, group, first, last, count, raw, n, 0, h(body))
    out += head + struct.pack("<Q", h(head)) + body
assert done
open("t/events", "wb").write(out)
P
python3 edit.py
set +e; $REPRISE replay -a t > out 2> err; c=$?; set -e
[ $c = 125 ] && grep -q 'differs from the recording at event [0-9]* (syscall write) of task' err && grep -q ' libc' err || grep -q 'libc.so' err || { echo "status $c"; cat err; exit 1; }
