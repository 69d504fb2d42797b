# Malformed and hostile packets: the server answers each, or ends; it never crashes, and what it serves afterwards is right.
record threads
python3 -B "$HERE/hostile.py" "$REPRISE" "$TMP/t" 400
