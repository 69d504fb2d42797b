# Statuses as a shell gives them; one line on stderr for our own failures.
st() { local want=$1; shift; set +e; "$@" > out 2> err; local got=$?; set -e; [ $got = $want ] || { echo "$*: status $got, expected $want"; cat err; exit 1; }; }
lines() { [ $(wc -l < err) = 1 ] || { echo "not one line on stderr:"; cat err; exit 1; }; }
st 127 $REPRISE record /nonexistent/command; lines; grep -q nonexistent err
st 127 $REPRISE record no-such-command-anywhere; lines
st 126 $REPRISE record /etc/passwd; lines; grep -q 'Permission denied' err
st 126 $REPRISE record /; lines
st 3 $REPRISE record sh -c 'exit 3'
st 143 $REPRISE record sh -c 'kill $$'
st 143 $REPRISE replay -a
st 125 $REPRISE replay -a /nonexistent/trace; lines
st 125 $REPRISE replay -a no-such-name; lines
st 125 $REPRISE replay -a /etc; lines
st 125 $REPRISE replay -a /etc/passwd; lines
st 125 $REPRISE record
st 125 $REPRISE record --no-such-option true
st 125 $REPRISE bogus; lines
st 0 $REPRISE --help
st 0 $REPRISE record --help
