# Every command has --help, a manual page from the same source, and completion.
for c in record replay ps dump ls rm pack; do
	$REPRISE $c --help | grep -q 'Usage: reprise'
	$REPRISE --man $c > $c.1
	grep -q '^.SH SYNOPSIS' $c.1
	! man --warnings -l $c.1 2>&1 > /dev/null | grep .
done
$REPRISE --man | grep -q 'reprise\\-record'
$REPRISE --completion > comp; bash -n comp; grep -q record comp
