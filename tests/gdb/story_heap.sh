# A heap corruption: free aborts on a pointer whose header somebody has overwritten. A watchpoint on the header, and back: who was it?
cat > users.c <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct user {
	int id;
	char name[20];
};

static const char *const names[] = {"anna", "bert", "maximilian-of-habsburg-the-third", "dora", "emil"};
static struct user *users[5];

static void set_name(struct user *u, const char *name)
{
	char *p = u->name;
	while (*name)
		*p++ = *name++; /* cause */
	*p = 0;
}

static void remove_all(void)
{
	for (int i = 0; i < 5; i++)
		free(users[i]);
}

int main(void)
{
	for (int i = 0; i < 5; i++) {
		users[i] = calloc(1, sizeof(struct user));
		users[i]->id = i;
	}
	for (int i = 0; i < 5; i++)
		set_name(users[i], names[i]);
	remove_all();
	return 0;
}
C
cc -g -O0 -w users.c -o users
"$REPRISE" record -o "$TMP/t" -- ./users > "$TMP/recorded" 2>&1 || true
cause=$(grep -n '/\* cause \*/' users.c | cut -d: -f1)
debug 'continue' 'backtrace' 'frame function remove_all' 'print i' 'watch -l *(size_t *)((char *)users[i] - 8)' 'reverse-continue' \
	'backtrace' 'print u->id' 'print *u' 'delete' 'reverse-finish' 'print names[2]' 'continue'
want 'Program received signal SIG(ABRT|SEGV)' '^#[0-9]+ .*free' '^#[0-9]+ .*remove_all' '= 3$' 'atchpoint 1' 'Old value = ' 'New value = ' \
	"set_name .*name=.* \"[a-z]+\"\) at .*users.c:$cause" '^#1 .*main' '= 2$' 'name = "maximilian-of-habsbu"' \
	'main .*users.c' '= .* "maximilian-of-habsburg-the-third"' 'SIG(ABRT|SEGV)'
