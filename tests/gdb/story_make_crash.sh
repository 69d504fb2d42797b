# A command of `make` crashes. Its process is found in the list, debugged alone, and the bad value is traced back;
# then the same crash is come to in a session with all processes.
cat > words.c <<'C'
#include <stdio.h>
#include <string.h>

struct word {
	struct word *next;
	const char *text;
};

static int length(const struct word *w)
{
	int n = 0;
	for (; w; w = w->next)
		n += (int)strlen(w->text); /* crash: here */
	return n;
}

static void forget(struct word *w)
{
	w->text = NULL; /* cause: here */
}

int main(int argc, char **argv)
{
	struct word c = {NULL, "c"}, b = {&c, "b"}, a = {&b, "a"};
	if (argc > 2)
		forget(&b);
	FILE *f = fopen(argv[1], "w");
	fprintf(f, "%d\n", length(&a));
	return fclose(f);
}
C
cc -g -O0 words.c -o words
printf 'all: a b c d\na:\n\t./words a\nb: a\n\t./words b\nc: b\n\t./words c bad\nd:\n\t./words d\n' > Makefile
"$REPRISE" record -o "$TMP/t" -- make -k -j2 > "$TMP/recorded" 2>&1 || true
"$REPRISE" ps "$TMP/t" > "$TMP/list"
pid=$(awk '/SIGSEGV/ { print $1 }' "$TMP/list")
[ "$(wc -w <<< "$pid")" = 1 ] || { cat "$TMP/recorded" "$TMP/list"; exit 1; }
more="-p $pid"
debug 'continue' 'backtrace' 'info inferiors' 'frame function length' 'print *w' 'watch -l w->text' 'reverse-continue' 'backtrace'
want 'SIGSEGV' 'length .*words.c:13' 'main .*argc=3' "^\* 1 +process $pid" 'text = 0x0' 'New value = .* "b"' '^#0 .*forget' '^#1 .*main'
refuse '^  2 .*process'
more=
debug 'set detach-on-fork off' 'set schedule-multiple on' 'python
for _ in range(20):
    live = [i for i in gdb.inferiors() if i.pid]
    if not gdb.selected_inferior().pid:
        gdb.execute("inferior %d" % live[0].num)
    gdb.execute("continue")
    if gdb.selected_inferior().pid == '"$pid"':
        break' 'backtrace' 'reverse-continue'
want 'SIGSEGV' 'main .*argc=3'
