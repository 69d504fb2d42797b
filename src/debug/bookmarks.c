#include "debug/bookmarks.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"

#define FILE_MAX (1u << 20)

/* So that no name is taken for a position, and none ends a line of the file. */
static bool is_name(const char *name)
{
	size_t n = 0;
	while (isalnum((unsigned char)name[n]) || (name[n] && strchr("_-.", name[n])))
		n++;
	return n && !name[n] && n < BOOKMARK_NAME && (isalpha((unsigned char)*name) || *name == '_');
}

static void put(bookmark_list *l, const char *name, const char *position, const char *text)
{
	struct bookmark *b = VEC_PUSH(l);
	*b = (struct bookmark){xstrdup(name), xstrdup(position), xstrdup(text)};
	for (char *c = b->text; *c; c++) {
		if (!isprint((unsigned char)*c))
			*c = '?';
	}
}

static void parse_line(bookmark_list *l, char *line)
{
	struct position p;
	char *rest = line, *name = strsep(&rest, " "), *position = strsep(&rest, " ");
	if (position && is_name(name) && !position_parse(position, &p))
		put(l, name, position, rest ? rest : "");
}

int bookmarks_load(const char *dir, bookmark_list *l)
{
	char *path = xasprintf("%s/bookmarks", dir), *rest, *line;
	struct buf b = {0};
	int rc = access(path, F_OK) ? 0 : file_slurp(path, &b, FILE_MAX);
	buf_u8(&b, 0);
	rest = (char *)b.data;
	while (!rc && (line = strsep(&rest, "\n")))
		parse_line(l, line);
	buf_free(&b);
	free(path);
	return rc;
}

static void free_one(struct bookmark *b)
{
	free(b->name);
	free(b->position);
	free(b->text);
}

void bookmarks_free(bookmark_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free_one(&l->at[i]);
	VEC_FREE(l);
}

/* The file is replaced as a whole: what stops us half way leaves the old one. */
static int save(const char *dir, const bookmark_list *l)
{
	char *path = xasprintf("%s/bookmarks", dir), *new = xasprintf("%s/bookmarks.new", dir);
	FILE *f = fopen(new, "we");
	for (size_t i = 0; f && i < l->n; i++)
		fprintf(f, "%s %s %s\n", l->at[i].name, l->at[i].position, l->at[i].text);
	int bad = f ? ferror(f) : 1, rc = 0;
	if ((f && fclose(f)) || bad || rename(new, path)) {
		rc = err_sys(errno, "cannot keep bookmarks in %s", dir);
		unlink(new);
	}
	free(path);
	free(new);
	return rc;
}

static struct bookmark *find(const bookmark_list *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++) {
		if (!strcmp(l->at[i].name, name))
			return &l->at[i];
	}
	return NULL;
}

static void remove_one(bookmark_list *l, struct bookmark *b)
{
	free_one(b);
	memmove(b, b + 1, (size_t)(&l->at[--l->n] - b) * sizeof(*b));
}

int bookmarks_add(const char *dir, char *name, const struct position *p, const char *text)
{
	bookmark_list l = {0};
	char position[POSITION_TEXT];
	if (*name && !is_name(name))
		return err_set(
			"a bookmark's name begins with a letter, and has letters, digits, '_', '-' and '.' "
			"then: not '%s'",
			name);
	int rc = bookmarks_load(dir, &l);
	for (unsigned n = 1; !*name || (n > 1 && find(&l, name)); n++)
		snprintf(name, BOOKMARK_NAME, "b%u", n);
	struct bookmark *old = find(&l, name);
	if (old)
		remove_one(&l, old);
	position_text(p, position);
	put(&l, name, position, text);
	rc = rc ? rc : save(dir, &l);
	bookmarks_free(&l);
	return rc;
}

static int no_bookmark(const char *name)
{
	return err_set("there is no bookmark '%s'", name);
}

int bookmarks_remove(const char *dir, const char *name)
{
	bookmark_list l = {0};
	int rc = bookmarks_load(dir, &l);
	struct bookmark *b = find(&l, name);
	if (!rc && !b)
		rc = no_bookmark(name);
	if (b) {
		remove_one(&l, b);
		rc = rc ? rc : save(dir, &l);
	}
	bookmarks_free(&l);
	return rc;
}

int bookmarks_find(const char *dir, const char *name, struct position *p)
{
	bookmark_list l = {0};
	int rc = bookmarks_load(dir, &l);
	const struct bookmark *b = find(&l, name);
	if (!rc)
		rc = b ? position_parse(b->position, p) : no_bookmark(name);
	bookmarks_free(&l);
	return rc;
}
