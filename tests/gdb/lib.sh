# For the tests of the debugger that are shell scripts.

# record PROGRAM [ARG...]: compile tests/gdb/PROGRAM.c and record it in $TMP/t
record()
{
	exe=$TMP/$1
	cp "$("$HERE/run" "$BUILD" --compile "$1")" "$exe"
	shift
	"$REPRISE" record -o "$TMP/t" -- "$exe" "$@" > "$TMP/recorded" 2> "$TMP/record.err" < /dev/null || status=$?
	[ "${status:-0}" != 125 ] || { cat "$TMP/record.err"; exit 1; }
}

# debug [COMMAND...]: gdb on $TMP/t executes them in batch mode; what it says is in $TMP/out
debug()
{
	local args=()
	for c in "$@"; do args+=(-ex "$c"); done
	"$REPRISE" replay "$TMP/t" ${more:-} -- -nx -batch -ex 'set width 0' "${args[@]}" > "$TMP/out" 2>&1 < /dev/null || true
}

# serve [OPTION...]: a server of $TMP/t listens on 127.0.0.1:$port; its process is $server, what it says is in $TMP/server
serve()
{
	"$REPRISE" replay -q -s 0 "$@" "$TMP/t" > "$TMP/shown" 2> "$TMP/server" < /dev/null &
	server=$!
	until grep -q '^reprise: waiting' "$TMP/server"; do
		kill -0 "$server" || { cat "$TMP/server"; exit 1; }
		sleep 0.1
	done
	port=$(sed -nE "s/.*waiting.* 127.0.0.1:([0-9]+)'.*/\1/p" "$TMP/server")
}

# lldb_debug [COMMAND...]: lldb connects to a server of $TMP/t and executes them; what it says is in $TMP/out
lldb_debug()
{
	local args=()
	for c in "gdb-remote {port}" "$@"; do args+=(-o "$c"); done
	serve
	lldb --no-lldbinit --no-use-colors -b "${args[@]/\{port\}/$port}" > "$TMP/out" 2>&1 < /dev/null || true
	wait "$server" || { echo "the server: status $?"; cat "$TMP/server" "$TMP/out"; exit 1; }
}

# want PATTERN...: $TMP/out has lines with them, in this order
want()
{
	local rest=$TMP/out n
	cp "$TMP/out" "$TMP/rest"
	for p in "$@"; do
		n=$(grep -nE -m1 -- "$p" "$TMP/rest" | cut -d: -f1)
		[ -n "$n" ] || { echo "no '$p' in the rest of:"; cat "$TMP/out"; exit 1; }
		sed -i "1,${n}d" "$TMP/rest"
	done
}

# refuse PATTERN: $TMP/out has no line with it
refuse()
{
	! grep -E -- "$1" "$TMP/out" || { echo "'$1' in:"; cat "$TMP/out"; exit 1; }
}
