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
