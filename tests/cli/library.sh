# libreprise-interpose, as it is installed: header, static and shared library, pkg-config, examples.
DESTDIR=$PWD/root meson install -C $BUILD --no-rebuild --quiet > install.log 2>&1 || { cat install.log; exit 1; }
pc=$(find root -name reprise-interpose.pc) lib=$(dirname $(find root -name libreprise-interpose.so))
header=$(find root -name interpose.h)
export PKG_CONFIG_PATH=$(dirname $pc) PKG_CONFIG_SYSROOT_DIR=$PWD/root LD_LIBRARY_PATH=$lib
flags=$(pkg-config --cflags reprise-interpose) libs=$(pkg-config --libs reprise-interpose)
# The static library, whatever else is there.
static="$lib/libreprise-interpose.a -pthread"
examples=$(dirname $0)/../../examples

# The header alone is C99, and C++.
echo '#include <reprise/interpose.h>' > header.c
gcc -std=c99 -pedantic -Wall -Wextra -Werror $flags -c header.c
cp header.c header.cc
g++ -std=c++98 -pedantic -Wall -Wextra -Werror -Wno-long-long $flags -c header.cc
echo 'int main() { reprise_free(reprise_new(0)); return 0; }' >> header.cc
g++ -Werror $flags header.cc $libs -o cxx && ./cxx

# Only the functions of the header can be linked to.
sed 's/[^a-z_(]/ /g' $header | grep -o 'reprise_[a-z_]*(' | tr -d '(' | sort -u > declared
nm -D --defined-only $lib/libreprise-interpose.so | awk '{ print $3 }' | sort > exported
nm -g --defined-only $lib/libreprise-interpose.a | awk 'NF == 3 { print $3 }' | sort > exported_static
diff declared exported && diff declared exported_static || { echo "not what the header declares"; exit 1; }

# No global state: of what can be written to, texts of a thread, and the table of ioctls, sorted when first used.
nm $lib/libreprise-interpose.a | awk '$2 ~ /^[bBC]$/ { print $3 }' | sed 's/\..*//' | sort | xargs > state
[ "$(cat state)" = "by_number nrows once other other reason" ] || { echo "global state: $(cat state)"; exit 1; }
! objdump -t $lib/libreprise-interpose.a | grep -E ' O \.data(\.rel\.local|\.rel)?[[:space:]]' || { echo "initialized variables"; exit 1; }

# The number of stops of each disposition, for 1000 calls between two marks.
cat > stops.c <<'C'
#define _GNU_SOURCE
#include <errno.h>
#include <reprise/interpose.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct test {
	struct reprise *r;
	enum reprise_disposition d;
	uint64_t stops[2];
	int marks, exits, data;
	int64_t seen, injected;
	char text[200], late[200];
};

static enum reprise_disposition start(void *state, struct reprise_call *c)
{
	static const uint64_t none[6];
	struct test *t = state;
	if (c->nr == SYS_getpgrp) {
		t->stops[t->marks++ > 0] = reprise_count(t->r, REPRISE_STOPS);
		return REPRISE_RUN;
	}
	if (c->nr == SYS_readlink) { /* the last call of all: what injecting, memory and decoding do */
		char path[100], where[200];
		struct reprise_arg a;
		if (reprise_read_string(c->task, c->args[0], path, sizeof(path)) != 4 || strcmp(path, "link"))
			exit(20);
		if (reprise_args(c->nr) != 3 || reprise_arg(c, 1, &a) || a.kind != REPRISE_OUT || a.size != 20)
			exit(21);
		if (reprise_path(c, 0, where, sizeof(where)) || strcmp(strrchr(where, '/'), "/link") || *where != '/')
			exit(22);
		t->injected = reprise_inject(c->task, SYS_getppid, none);
		reprise_decode(c, t->text, sizeof(t->text));
		reprise_set_data(c->task, &t->data);
		return REPRISE_RUN_EXIT;
	}
	c->result = 42;
	return t->d;
}

static void at_exit(void *state, struct reprise_call *c)
{
	struct test *t = state;
	t->exits++;
	t->seen = c->result;
	if (c->nr == SYS_readlink) {
		if (reprise_write(c->task, c->args[1], "XY", 2) || reprise_data(c->task) != &t->data)
			exit(23);
		reprise_decode(c, t->late, sizeof(t->late));
		c->result = 2;
	}
}

static int program(void)
{
	char to[20];
	long last = 0;
	syscall(SYS_getpgrp);
	for (int i = 0; i < 1000; i++)
		last = syscall(SYS_getppid);
	syscall(SYS_getpgrp);
	if (syscall(SYS_readlink, "link", to, sizeof(to)) != 2 || memcmp(to, "XY", 2))
		return 1;
	return last == 42 ? 42 : last == getppid() ? 43 : 2;
}

static void check(const char *name, enum reprise_disposition d, const char *set, unsigned stops, int status)
{
	char self[] = "/proc/self/exe", arg[] = "program", *argv[] = {self, arg, NULL};
	struct reprise_handlers h = {.size = sizeof(h), .start = start, .exit = at_exit};
	struct test t = {.d = d};
	t.r = reprise_new(0);
	struct reprise_client *c = reprise_add(t.r, &h, &t);
	reprise_want_call(c, SYS_getpgrp);
	if (reprise_want(c, set) || reprise_want(c, "readlink") || reprise_start(t.r, argv, NULL, NULL) < 0 || reprise_run(t.r))
		exit(fprintf(stderr, "%s: %s\n", name, reprise_error(t.r)));
	unsigned took = (unsigned)(t.stops[1] - t.stops[0]) - 1; /* the second mark is one */
	if (took != stops || WEXITSTATUS(reprise_status(t.r)) != status)
		exit(fprintf(stderr, "%s: %u stops, expected %u; status %x\n", name, took, stops, (unsigned)reprise_status(t.r)));
	if (t.injected != getpid() || strcmp(t.text, "readlink(\"link\", ") || strcmp(t.late, "readlink(\"link\", \"XYrget\", 20) = 6"))
		exit(fprintf(stderr, "%s: %d, '%s', '%s'\n", name, (int)t.injected, t.text, t.late));
	if (t.exits != (d == REPRISE_RUN_EXIT && *set == 'g' && status == 43 && stops ? 1002 : 1))
		exit(fprintf(stderr, "%s: %d exits\n", name, t.exits));
	reprise_free(t.r);
}

int main(int argc, char **argv)
{
	struct reprise_handlers h = {.size = sizeof(h)};
	char nothing[] = "/no/program", *none[] = {nothing, NULL};
	if (argc > 1 && !strcmp(argv[1], "program"))
		return program();
	check("not wanted", REPRISE_RUN_EXIT, "getuid", 0, 43);
	check("run", REPRISE_RUN, "getppid", 1000, 43);
	check("skip", REPRISE_SKIP, "getppid", 1000, 42);
	check("run, report the exit", REPRISE_RUN_EXIT, "getppid", 2000, 43);
	/* What fails says why. */
	struct reprise *r = reprise_new(0);
	struct reprise_client *c = reprise_add(r, &h, NULL);
	if (!reprise_want(c, "no_such_call") || !strstr(reprise_error(r), "no_such_call"))
		return 1;
	if (reprise_start(r, none, NULL, NULL) > 0 && !reprise_run(r))
		return 2;
	if (reprise_number("openat") != SYS_openat || reprise_name(99999) || strcmp(reprise_name(0), "read"))
		return 3;
	reprise_free(r);
	return 0;
}
C
ln -s target link
for how in "$libs" "$static"; do
	gcc -std=c99 -pedantic -Wall -Wextra -Werror $flags stops.c $how -o stops && ./stops
done

# The examples are short, and do what they say.
for e in strace readonly virtual; do
	[ $(wc -l < $examples/$e.c) -lt 100 ] || { echo "examples/$e.c has 100 lines or more"; exit 1; }
	gcc -std=c99 -pedantic -Wall -Wextra -Werror $flags $examples/$e.c $libs -o $e
done
status=0
./strace -e execve,%process,openat sh -c '/bin/cat file; exit 3' 2> out || status=$?
[ $status = 3 ]
grep -q 'execve("/bin/cat", \["/bin/cat", "file"\], .*) = 0$' out
grep -q 'openat(AT_FDCWD, "file", O_RDONLY) = -1 ENOENT (No such file or directory)$' out
grep -q 'exit_group(1) = ?$' out
grep -q '+++ exited with 3 +++$' out
! grep -q 'mmap\|read(' out

# So does the one in docs/library.md.
sed -n '/^```c$/,/^```$/p' $examples/../docs/library.md | grep -v '^```' > opens.c
gcc -std=c99 -pedantic -Wall -Wextra -Werror $flags opens.c $libs -o opens
./opens cat /nothing 2> out || [ $? = 1 ]
grep -q 'openat(AT_FDCWD, "/nothing", O_RDONLY) = -1 ENOENT' out

mkdir ro out.d; echo text > ro/a; ln -s ../ro out.d/l
./readonly ro sh -c 'cat ro/a; echo b > ro/b; rm ro/a; chmod 600 ro/a; mv ro/a out.d; echo c > out.d/l/c; mkdir ro/d; cd ro
	echo e > e; true > a; cp a ../out.d/copy' > said 2> refused || true
[ "$(cat said)" = text ] && [ "$(ls ro)" = a ] && [ "$(cat ro/a)" = text ] && [ "$(cat out.d/copy)" = text ]
[ $(grep -c 'Read-only file system' refused) = 8 ] || { cat refused; exit 1; }

cat > compute.c <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	struct utsname u;
	double sum = 0, *x = malloc(3 << 20);
	for (int i = 1; i < 1000; i++)
		sum += x[i] = 1.0 / i;
	uname(&u);
	FILE *f = fopen("compute.c", "r");
	printf("%s: %.6f, process %d on %s, %s\n", argv[argc - 1], sum, (int)getpid(), u.nodename, f ? "files" : "no files");
	return 7;
}
C
gcc -static compute.c -o compute
status=0
./virtual ./compute a b > out || status=$?
[ $status = 7 ]
[ "$(cat out)" = "b: 7.484471, process 1 on virtual, no files" ] || { cat out; exit 1; }
