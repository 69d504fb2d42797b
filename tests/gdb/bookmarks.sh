# Bookmarks are kept beside the trace: another session has them, gdb's own commands and seek and -e go there.
record calls
debug 'info bookmarks' 'break leaf' 'continue' 'bookmark first-call' 'continue' 'bookmark' 'info bookmarks' 'bookmark 2nd' 'goto-bookmark first-call' 'print n'
want '^No bookmarks' '^bookmark first-call at [0-9]' '^bookmark b1 at [0-9]' '^first-call +[0-9].* leaf at .*calls.c' '^b1 .* leaf at' 'begins with a letter' '= 3$'
cp "$TMP/t/bookmarks" "$TMP/before"
debug 'seek b1' 'print n' 'goto-bookmark first-call' 'print n' 'delete bookmark b1' 'delete bookmark b1' 'info bookmarks' 'seek b1'
want '= 7$' '= 3$' "no bookmark 'b1'" '^first-call' "'b1' is no bookmark"
refuse '^b1 '
more='-e first-call' debug 'print n' 'backtrace' 'reverse-finish' 'info symbol $pc'
want '= 3$' '^#0 +leaf' '^main|middle|in section'
# What is no bookmark in the file is left out.
printf 'evil 12+x text\n1bad 12 text\nonly-a-name\nfine 30 a\tb\n' > "$TMP/t/bookmarks"
debug 'info bookmarks'
want '^fine +30 +a.b$'
refuse 'evil|1bad|only'
more=
"$REPRISE" replay "$TMP/t" -e nowhere > "$TMP/out" 2>&1 && exit 1
want "'nowhere' is no bookmark"
