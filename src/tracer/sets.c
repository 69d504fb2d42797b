/* What -e names: sets of calls, of signals, of results, and what is to be injected. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/print.h"
#include "base/err.h"
#include "base/mem.h"
#include "interpose/maskset.h"
#include "tracer/tracer.h"

static int signal_number(const char *word)
{
	for (int sig = 1; sig <= 64; sig++) {
		const char *name = signal_name(sig);
		if (!strcasecmp(name, word) || !strcasecmp(name + 3, word) || atoi(word) == sig)
			return sig;
	}
	return -1;
}

static int add_signal(void *to, const char *word)
{
	uint64_t *set = to;
	int sig = signal_number(word);
	if (!strcmp(word, "all"))
		*set = ~0ull;
	else if (sig > 0)
		*set |= 1ull << (sig - 1);
	else if (strcmp(word, "none"))
		return err_set("there is no signal '%s'", word);
	return 0;
}

int tracer_parse_signals(const char *set, uint64_t *out)
{
	bool others = *set == '!';
	*out = 0;
	if (each_word(set + others, add_signal, out))
		return -1;
	*out = others ? ~*out : *out;
	return 0;
}

static int add_status(void *to, const char *word)
{
	static const struct {
		const char *name;
		unsigned bits;
	} names[] = {{"successful", STATUS_SUCCESSFUL},
		     {"failed", STATUS_FAILED},
		     {"unfinished", STATUS_UNFINISHED},
		     {"all", STATUS_ALL},
		     {"none", 0}};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!strcmp(names[i].name, word)) {
			*(unsigned *)to |= names[i].bits;
			return 0;
		}
	}
	return err_set("there is no status '%s': successful, failed, unfinished, all or none", word);
}

int tracer_parse_status(const char *set, unsigned *out)
{
	bool others = *set == '!';
	*out = 0;
	if (each_word(set + others, add_status, out))
		return -1;
	*out = others ? STATUS_ALL & ~*out : *out;
	return 0;
}

static int errno_number(const char *word)
{
	char *end;
	long n = strtol(word, &end, 10);
	if (!*end && end != word)
		return n > 0 && n < 4096 ? (int)n : -1;
	for (int e = 1; e < 200; e++) {
		if (errno_name(e) && !strcmp(errno_name(e), word))
			return e;
	}
	return -1;
}

/* "2", "2+", "2+3", "2..5", "2..5+3" */
static int parse_when(struct inject_rule *r, const char *s)
{
	char *end;
	r->first = (unsigned)strtoul(s, &end, 10);
	r->last = r->first;
	r->step = 1;
	if (!strncmp(end, "..", 2))
		r->last = (unsigned)strtoul(end + 2, &end, 10);
	else if (*end == '+')
		r->last = ~0u;
	if (*end == '+' && end[1])
		r->step = (unsigned)strtoul(end + 1, &end, 10);
	else if (*end == '+')
		end++;
	if (*end || !r->first || !r->step || r->last < r->first)
		return err_set("when=%s? It is FIRST, FIRST+, FIRST+STEP or FIRST..LAST", s);
	return 0;
}

static int parse_number(const char *s, unsigned long max, unsigned long *out)
{
	char *end;
	*out = strtoul(s, &end, 0);
	return *end || end == s || *out > max ? err_set("'%s' is no number that fits", s) : 0;
}

/* "100" (microseconds), "100us", "5ms", "2s", "500ns" */
static int parse_delay(const char *s, unsigned *us)
{
	static const struct {
		const char *name;
		unsigned long per_ms; /* so many of it are a millisecond, */
		unsigned long ms;     /* or it is so many */
	} units[] = {{"", 1000, 1}, {"us", 1000, 1}, {"ns", 1000000, 1}, {"ms", 1, 1}, {"s", 1, 1000}};
	char *end;
	unsigned long n = strtoul(s, &end, 10);
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		unsigned long limit = 3600000ul * units[i].per_ms / units[i].ms; /* an hour */
		if (strcmp(end, units[i].name) || end == s || n > limit)
			continue;
		*us = (unsigned)(n * 1000 * units[i].ms / units[i].per_ms);
		return 0;
	}
	return err_set("'%s' is no delay: microseconds, or with ns, us, ms, s behind; an hour at most", s);
}

static int inject_word(struct inject_rule *r, const char *w)
{
	unsigned long n = 0;
	int e;
	if (!strncmp(w, "error=", 6)) {
		e = errno_number(w + 6);
		if (e < 0)
			return err_set("there is no error '%s'", w + 6);
		r->skip = true;
		r->result = -e;
	} else if (!strncmp(w, "retval=", 7)) {
		if (parse_number(w + 7, ~0ul, &n))
			return -1;
		r->skip = true;
		r->result = (int64_t)n;
	} else if (!strncmp(w, "signal=", 7)) {
		r->signal = signal_number(w + 7);
		if (r->signal < 0)
			return err_set("there is no signal '%s'", w + 7);
	} else if (!strncmp(w, "delay_enter=", 12)) {
		return parse_delay(w + 12, &r->delay_us);
	} else if (!strncmp(w, "delay_exit=", 11)) {
		return parse_delay(w + 11, &r->delay_exit_us);
	} else if (!strncmp(w, "when=", 5)) {
		return parse_when(r, w + 5);
	} else {
		return err_set("inject: '%s'? There are error, retval, signal, delay_enter, delay_exit, when",
			       w);
	}
	return 0;
}

struct inject_rule *tracer_parse_inject(const char *text)
{
	struct inject_rule *r = xcalloc(1, sizeof(*r));
	char *copy = xstrdup(text), *save = NULL, *w = strtok_r(copy, ":", &save);
	int rc = w ? mask_parse(w, &r->calls) : err_set("inject: which calls?");
	r->first = r->step = 1;
	r->last = ~0u;
	while (!rc && (w = strtok_r(NULL, ":", &save)))
		rc = inject_word(r, w);
	if (!rc && !r->skip && !r->signal && !r->delay_us && !r->delay_exit_us)
		rc = err_set("inject=%s: what? There are error, retval, signal, delay_enter, delay_exit",
			     text);
	free(copy);
	if (!rc)
		return r;
	free(r);
	return NULL;
}
