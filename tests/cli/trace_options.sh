# Options of `reprise trace`: which calls, what is injected, the table, JSON, paths, attaching, statuses.
fail()
{
	echo "$*"
	cat t 2>/dev/null | tail -5
	exit 1
}
cat > prog.c <<'C'
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	char c;
	int f = open("a", O_RDONLY);
	printf("%d\n", f);
	for (int i = 0; i < 5; i++)
		access(i < 3 ? "a" : "b", R_OK);
	fflush(stdout);
	while (argc > 1 && read(0, &c, 1) == 1)
		getppid();
	return 4;
}
C
cc prog.c -o prog; echo x > a
trace()
{
	code=0
	$REPRISE trace -o t "$@" > out 2> err || code=$?
}
trace -e trace=access,openat ./prog; [ $code = 4 ] || fail "status"
grep -q 'openat(AT_FDCWD, "a", O_RDONLY) *= 3$' t || fail "openat"
[ "$(grep -c 'access("[ab]", R_OK)' t)" = 5 ] || fail "access: 5 times"
grep -qvE 'access\(|openat\(|\+\+\+ exited with 4 \+\+\+' t && fail "other calls"
trace -e 'trace=!%file' ./prog; if grep -q 'access(' t; then fail "!%file"; fi
grep -q 'write(1, "3\\n", 2)' t || fail "!%file leaves write"
trace -e trace=access -e status=failed ./prog; [ "$(grep -c access t)" -ge 2 ] || fail "status=failed"
if grep -q '= 0$' t; then fail "status=failed shows others"; fi
# The call is not made, and the program gets what is supplied.
trace -e trace=openat -e inject=openat:error=EMFILE:when=2+ ./prog
grep -q 'openat.* = -1 EMFILE (Too many open files) (INJECTED)$' t || fail "inject error"
trace -e trace=access -e inject=access:retval=7:when=4 ./prog
[ "$(grep -c ' = 7 (INJECTED)$' t)" = 1 ] || fail "inject retval at one call"
trace -e trace=access -e inject=access:signal=USR1:when=1 ./prog; [ $code = 138 ] || fail "inject signal"
grep -q '^[0-9]* *+++ killed by SIGUSR1 +++$' t || fail "killed by"
trace -c -e trace=access ./prog
grep -qE '^ *[0-9.]+ +[0-9.]+ +[0-9]+ +[56] +[23] access$' t || fail "-c"
trace -P "$PWD/a" ./prog; if grep -q access t; then fail "-P is by the path that the call names"; fi
trace -P a ./prog; [ "$(grep -c 'access("a"' t)" = 3 ] || fail "-P"
trace -y -e trace=openat ./prog; grep -q "openat(AT_FDCWD<$PWD>, \"a\", O_RDONLY) = 3<$PWD/a>" t || fail "-y"
trace -s 2 -e trace=execve ./prog; grep -q 'execve("./prog", \["./"...\], 0x[0-9a-f]* /\* [0-9]* vars \*/) = 0' t || fail "-s"
trace -x -e trace=write ./prog; grep -q 'write(1, "3\\n", 2)' t || fail "-x leaves text"
trace -xx -e trace=write ./prog; grep -q 'write(1, "\\x33\\x0a", 2)' t || fail "-xx"
trace -tt -T -e trace=write ./prog
grep -qE '^[0-9]+ +[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6} write.* = 2 <[0-9]+\.[0-9]{6}>$' t || fail "-tt -T"
trace --json ./prog
python3 - <<'P' || fail "--json"
import json
lines = [json.loads(l) for l in open("t")]
o = [l for l in lines if l.get("syscall") == "openat" and '"a"' in l["args"]][0]
assert o["args"] == ["AT_FDCWD", '"a"', "O_RDONLY"] and o["result"] == 3 and o["duration"] >= 0 and o["pid"] > 0, o
bad = [l for l in lines if l.get("syscall") == "access" and l["args"][0] == '"b"'][0]
assert bad["result"] == -1 and bad["error"] == "ENOENT", bad
assert lines[-1]["exited"] == 4, lines[-1]
P
# On stderr without -o; children have their pids before the lines.
$REPRISE trace -e trace=write sh -c '/bin/echo x; :' > out 2> t
grep -q '^\[pid *[0-9]*\] write(1, "x\\n", 2) *= 2' t || fail "a child's line"
grep -q "^reprise: process [0-9]* attached" t || fail "a child's begin"
$REPRISE trace --no-follow -e trace=write sh -c '/bin/echo x; :' > out 2> t
if grep -q write t; then fail "--no-follow"; fi
grep -q x out || fail "the child of --no-follow did not run"
trace nothing/here; [ $code = 127 ] || fail "not found"
trace -e trace=nothing true; [ $code = 125 ] || fail "no such call"
grep -q "there is no system call 'nothing'" err || fail "says so"
# Attach, let go: the program goes on.
mkfifo in; ./prog wait < in > out & pid=$!
exec 9> in
$REPRISE trace -o t -p $pid -e trace=getppid,read & tracer=$!
i=0
while ! grep -q 'getppid() ' t 2>/dev/null; do
	printf x >&9
	i=$((i + 1)); [ $i -lt 400 ] || fail "nothing of an attached process"
	sleep 0.05
done
kill -TERM $tracer; wait $tracer || fail "end of -p"
printf x >&9; exec 9>&-; code=0; wait $pid || code=$?; [ $code = 4 ] || fail "the program did not go on"
