#include "base/program.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

static bool runs(const char *path)
{
	struct stat st;
	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

char *program_find(const char *name)
{
	const char *path = getenv("PATH"), *at = path ? path : "/bin:/usr/bin";
	if (strchr(name, '/'))
		return xstrdup(name);
	while (*at) {
		size_t n = strcspn(at, ":");
		char *file = n ? xasprintf("%.*s/%s", (int)n, at, name) : xstrdup(name);
		if (runs(file))
			return file;
		free(file);
		at += n + (at[n] == ':');
	}
	return NULL;
}
