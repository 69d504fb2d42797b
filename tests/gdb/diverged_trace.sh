# A replay that differs from the recording while it is debugged is a stop with the report: what is there can be looked at, and one
# goes back from there; the same place differs again.
cat > "$TMP/copy.c" <<'C'
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int lines;
void say(const char *text)
{
	lines++;
	write(1, text, strlen(text));
}
int main(void)
{
	say("first line\n");
	say("second line\n");
	say("third line\n");
	return 0;
}
C
cc -g "$TMP/copy.c" -o "$TMP/copy" 2> "$TMP/cc.err"
"$REPRISE" record -o "$TMP/t" "$TMP/copy"
python3 "$HERE/../edit_trace.py" "second line" "zecond line"
debug 'break say' continue 'delete' continue 'python print("still", "there" if gdb.selected_thread() else "gone")' 'backtrace' \
	'print lines' 'break say' reverse-continue 'print lines' 'delete' continue when 'seek 0%' 'tbreak main' continue
want '^Breakpoint 1, say' 'the replay differs from the recording at event [0-9]+ .*the memory that the call reads differs' \
	'still there' '#0 ' 'main' '= [12]$' '^Breakpoint 2, say' '= [01]$' 'the replay differs from the recording at event' \
	'Completed event: [0-9]+' '^Temporary breakpoint 3, main'
refuse 'Remote connection closed|timed out|internal'
