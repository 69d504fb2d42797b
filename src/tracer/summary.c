#include "tracer/summary.h"

#include <stdlib.h>

void summary_add(struct summary *s, int64_t nr, uint64_t ns, bool failed)
{
	struct tally *t = &s->of[nr >= 0 && nr < SYS_MAX ? nr : SYS_MAX];
	t->calls++;
	t->ns += ns;
	t->errors += failed;
}

static int by_time(const void *a, const void *b, void *ctx)
{
	const struct tally *x = (const struct tally *)ctx + *(const int *)a,
			   *y = (const struct tally *)ctx + *(const int *)b;
	if (x->ns != y->ns)
		return x->ns < y->ns ? 1 : -1;
	return x->calls != y->calls ? (x->calls < y->calls ? 1 : -1) : *(const int *)a - *(const int *)b;
}

static void line(FILE *f, const struct tally *t, uint64_t all, const char *name)
{
	char errors[24] = "";
	if (t->errors)
		snprintf(errors, sizeof(errors), "%llu", (unsigned long long)t->errors);
	fprintf(f, "%6.2f %11.6f %11llu %9llu %9s %s\n", all ? 100.0 * (double)t->ns / (double)all : 0.0,
		(double)t->ns / 1e9, (unsigned long long)(t->calls ? t->ns / 1000 / t->calls : 0),
		(unsigned long long)t->calls, errors, name);
}

void summary_print(const struct summary *s, FILE *f)
{
	static const char rule[] = "------ ----------- ----------- --------- --------- ----------------\n";
	int order[SYS_MAX + 1], n = 0;
	struct tally total = {0};
	for (int i = 0; i <= SYS_MAX; i++) {
		if (!s->of[i].calls)
			continue;
		order[n++] = i;
		total.calls += s->of[i].calls;
		total.errors += s->of[i].errors;
		total.ns += s->of[i].ns;
	}
	qsort_r(order, (size_t)n, sizeof(*order), by_time, (void *)s->of);
	fprintf(f, "%% time     seconds  usecs/call     calls    errors syscall\n%s", rule);
	for (int i = 0; i < n; i++)
		line(f, &s->of[order[i]], total.ns, order[i] < SYS_MAX ? sys_name(order[i]) : "(unknown)");
	fputs(rule, f);
	line(f, &total, total.ns, "total");
}
