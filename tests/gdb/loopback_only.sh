# The server listens on the loopback interface only, and serves only the user who has started it.
record calls
serve
awk -v port="$(printf %04X "$port")" '$2 ~ ":" port "$" && $4 == "0A" { print $2 }' /proc/net/tcp /proc/net/tcp6 > listens
[ "$(cat listens)" = "0100007F:$(printf %04X "$port")" ] || { echo "it listens on:"; cat listens; exit 1; }
cat > other.py <<'P'
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 30)
s.sendall(b"+$?#3f")
try:
    sys.exit("another user is served: %r" % s.recv(100) if s.recv(100) else 0)
except ConnectionResetError:
    pass
P
if [ "$(id -u)" = 0 ]; then
	setpriv --reuid 65534 --regid 65534 --clear-groups python3 - "$port" < other.py
	grep -q 'refused a connection of another user' "$TMP/server"
else
	echo "skipped: only root can become another user"
fi
cat > own.py <<'P'
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 30)
s.sendall(b"$?#3f")
said = b""
while b"#" not in said:
    said += s.recv(100)
assert b"$T05" in said, said
P
python3 own.py "$port"
wait "$server"
