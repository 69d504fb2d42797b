# A trace of another version or another CPU says so.
$REPRISE record -o t true
cat > edit.py <<'P'
import struct, subprocess, sys, os, ctypes, ctypes.util
lib = ctypes.CDLL(ctypes.util.find_library("xxhash") or "libxxhash.so.0")
lib.XXH64.restype = ctypes.c_uint64
lib.XXH64.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64]
h = lambda b: lib.XXH64(b, len(b), 0)
def write(version, json):
    head = b"REPRISE\0" + struct.pack("<IIQ", version, len(json), h(json))
    open("t/header", "wb").write(head + struct.pack("<Q", h(head)) + json)
whole = open("t/header", "rb").read(); json = whole[32:]
def fails(word):
    p = subprocess.run([os.environ["REPRISE"], "replay", "-a", "t"], stderr=subprocess.PIPE)
    assert p.returncode == 125 and word in p.stderr and p.stderr.count(b"\n") == 1, (p, word)
write(8, json); assert open("t/header", "rb").read() == whole
write(99, json); fails(b"version 99")
write(8, json.replace(b" sse2", b" sse2 avx512vbmi avx512_fp16 amx_tile")); fails(b"amx_tile")
write(8, b"not json"); fails(b"JSON")
P
python3 edit.py
