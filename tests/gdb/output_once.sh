# The program's output appears whole and once, however often its calls are replayed; with -M it is marked.
record writers
# The long line, shortened.
short() { sed -i -E 's/x{1000}/X/g' "$TMP/out"; }
debug 'continue' 'reverse-continue' 'continue' 'seek 50%' 'continue' 'seek 30%'
short
for text in '^plain$' '^vector one, vector two$' '^child$' '^X{199}x{999}$' '^last$'; do
	[ "$(grep -cE "$text" "$TMP/out")" = 1 ] || { echo "not once: $text"; cut -c1-200 "$TMP/out"; exit 1; }
done
refuse 'nobody'
"$REPRISE" replay -a -M "$TMP/t" > "$TMP/out" 2>&1
short
pid=$("$REPRISE" ps "$TMP/t" | awk '/writers/ { print $1; exit }')
want "^\[reprise $pid [0-9]+\] plain" "^\[reprise $pid [0-9]+\] vector one, vector two" "^\[reprise [0-9]+ [0-9]+\] child" \
	"^\[reprise $pid [0-9]+\] X{199}x{999}$" "^\[reprise $pid [0-9]+\] last"
refuse "^\[reprise $pid [0-9]+\] child"
# The number is that of the event: at it the call has been made, before it not.
event=$(sed -n 's/^\[reprise [0-9]* \([0-9]*\)\] last$/\1/p' "$TMP/out")
more=-M debug "seek $event" 'info symbol $pc' "seek $((event - 1))"
want "^\[reprise $pid $event\] last" 'write .*in section'
