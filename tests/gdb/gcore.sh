# gcore writes the recorded process as it is at this place: gdb reads its frames and registers from the core.
record calls
debug 'break middle' 'continue' "gcore $TMP/core" 'print $pc' 'backtrace'
want 'Saved corefile'
wanted=$(grep -E '^(#|\$)' "$TMP/out")
gdb -nx -batch -ex 'set width 0' -ex 'print $pc' -ex backtrace -ex 'info auxv' "$TMP/calls" "$TMP/core" > "$TMP/core.out" 2>&1
[ "$(grep -c '^#' <<< "$wanted")" -ge 2 ]
[ "$(grep -E '^(#|\$)' "$TMP/core.out" | tail -n "$(wc -l <<< "$wanted")")" = "$wanted" ] ||
	{ echo "other frames than '$wanted':"; cat "$TMP/core.out"; exit 1; }
cp "$TMP/core.out" "$TMP/out"
want 'AT_ENTRY'
