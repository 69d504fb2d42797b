#include "interpose/maskset.h"

#include <stdlib.h>
#include <string.h>

#include "abi/groups.h"
#include "base/err.h"
#include "base/mem.h"

int each_word(const char *set, int (*add)(void *to, const char *word), void *to)
{
	char *copy = xstrdup(set), *save = NULL;
	int rc = 0;
	for (char *w = strtok_r(copy, ",", &save); w && !rc; w = strtok_r(NULL, ",", &save))
		rc = add(to, w);
	free(copy);
	return rc;
}

static int add_group(struct call_mask *m, const char *group)
{
	for (int64_t nr = 0; nr < SYS_MAX; nr++) {
		if (sys_in_group(nr, group))
			mask_add(m, nr);
	}
	return 0;
}

static int add_call(void *to, const char *word)
{
	bool optional = *word == '?';
	word += optional;
	int nr = sys_number(word);
	if (!strcmp(word, "all")) {
		mask_all(to);
	} else if (*word == '%' && sys_group_known(word + 1)) {
		add_group(to, word + 1);
	} else if (nr >= 0) {
		mask_add(to, nr);
	} else if (sys_group_known(word) && nr < 0) {
		add_group(to, word); /* strace still takes "file" for "%file" */
	} else if (strcmp(word, "none") && !optional) {
		return err_set("there is no system call '%s'", word);
	}
	return 0;
}

int mask_parse(const char *set, struct call_mask *out)
{
	bool others = *set == '!';
	memset(out, 0, sizeof(*out));
	if (each_word(set + others, add_call, out))
		return -1;
	for (size_t i = 0; others && i < ARRAY_LEN(out->bits); i++)
		out->bits[i] = ~out->bits[i];
	return 0;
}
