#include "trace/meta.h"

#include <cpuid.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

/* The flags of /proc/cpuinfo that name instructions a program may have used. */
static const char *const isa[] = {
	"fpu",
	"tsc",
	"cx8",
	"cmov",
	"mmx",
	"fxsr",
	"sse",
	"sse2",
	"pni",
	"pclmulqdq",
	"ssse3",
	"fma",
	"cx16",
	"sse4_1",
	"sse4_2",
	"movbe",
	"popcnt",
	"aes",
	"xsave",
	"avx",
	"f16c",
	"lahf_lm",
	"abm",
	"sse4a",
	"3dnowprefetch",
	"xop",
	"fma4",
	"tbm",
	"fsgsbase",
	"bmi1",
	"avx2",
	"bmi2",
	"erms",
	"avx512f",
	"avx512dq",
	"adx",
	"avx512ifma",
	"clflushopt",
	"clwb",
	"avx512cd",
	"sha_ni",
	"avx512bw",
	"avx512vl",
	"xsaveopt",
	"xsavec",
	"xgetbv1",
	"avx_vnni",
	"avx512_bf16",
	"clzero",
	"avx512vbmi",
	"avx512_vbmi2",
	"gfni",
	"vaes",
	"vpclmulqdq",
	"avx512_vnni",
	"avx512_bitalg",
	"avx512_vpopcntdq",
	"rdpid",
	"movdiri",
	"movdir64b",
	"fsrm",
	"avx512_fp16",
	"amx_bf16",
	"amx_tile",
	"amx_int8",
	"serialize",
	"avx512_vp2intersect",
	"avx_ifma",
	"rdtscp",
	"cmpccxadd",
};

static char *cpuinfo(const char *key)
{
	FILE *f = fopen("/proc/cpuinfo", "re");
	char *line = NULL, *out = NULL;
	size_t cap = 0, n = strlen(key);
	while (f && !out && getline(&line, &cap, f) > 0) {
		char *colon = strchr(line, ':');
		if (strncmp(line, key, n) || !colon || !strchr("\t :", line[n]))
			continue;
		line[strcspn(line, "\n")] = 0;
		out = xstrdup(colon[1] ? colon + 2 : "");
	}
	free(line);
	if (f)
		fclose(f);
	return out ? out : xstrdup("");
}

static bool has_word(const char *words, const char *word)
{
	size_t n = strlen(word);
	for (const char *p = words; (p = strstr(p, word)); p += n) {
		if ((p == words || p[-1] == ' ') && (!p[n] || p[n] == ' '))
			return true;
	}
	return false;
}

static char *isa_flags(void)
{
	char *all = cpuinfo("flags");
	struct buf b = {0};
	for (size_t i = 0; i < ARRAY_LEN(isa); i++) {
		if (!has_word(all, isa[i]))
			continue;
		if (b.len)
			buf_u8(&b, ' ');
		buf_put(&b, isa[i], strlen(isa[i]));
	}
	free(all);
	buf_u8(&b, 0);
	return (char *)b.data;
}

/* Size of the XSAVE area for the features the kernel has enabled (CPUID 0xD). */
static uint64_t xsave_size(void)
{
	unsigned a, b = 0, c, d;
	__get_cpuid_count(0xd, 0, &a, &b, &c, &d);
	return b;
}

static uint64_t xcr0(void)
{
	uint32_t lo, hi;
	__asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
	return (uint64_t)hi << 32 | lo;
}

static uint64_t behind(clockid_t clock)
{
	struct timespec real, other;
	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(clock, &other);
	return (uint64_t)((real.tv_sec - other.tv_sec) * 1000000000 + real.tv_nsec - other.tv_nsec);
}

void meta_now(struct trace_meta *m, char *const *argv, int cpu)
{
	size_t n = 0;
	while (argv[n])
		n++;
	m->argv = xcalloc(n + 1, sizeof(*m->argv));
	for (size_t i = 0; i < n; i++)
		m->argv[i] = xstrdup(argv[i]);
	char cwd[4096];
	m->cwd = xstrdup(getcwd(cwd, sizeof(cwd)) ? cwd : "");
	m->cpu_flags = isa_flags();
	m->cpu_name = cpuinfo("model name");
	struct utsname u;
	uname(&u);
	m->kernel = xstrdup(u.release);
	m->arch = xstrdup(u.machine);
	char when[64];
	time_t now = time(NULL);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S%z", localtime(&now));
	m->time = xstrdup(when);
	m->cpu = cpu;
	m->xstate_size = xsave_size();
	m->xcr0 = xcr0();
	m->monotonic_behind = behind(CLOCK_MONOTONIC);
	m->boottime_behind = behind(CLOCK_BOOTTIME);
}

/* JSON strings must be UTF-8, arguments need not be: other bytes become \xNN text. */
static json_object *text(const char *s)
{
	struct buf b = {0};
	for (; *s; s++) {
		if ((unsigned char)*s < 0x80) {
			buf_u8(&b, (uint8_t)*s);
			continue;
		}
		char hex[8];
		snprintf(hex, sizeof(hex), "\\x%02x", (unsigned char)*s);
		buf_put(&b, hex, 4);
	}
	json_object *o = json_object_new_string_len((char *)b.data, (int)b.len);
	buf_free(&b);
	return o;
}

char *meta_to_json(const struct trace_meta *m)
{
	json_object *o = json_object_new_object(), *argv = json_object_new_array();
	for (size_t i = 0; m->argv[i]; i++)
		json_object_array_add(argv, text(m->argv[i]));
	json_object_object_add(o, "command", argv);
	json_object_object_add(o, "directory", text(m->cwd));
	json_object_object_add(o, "time", text(m->time));
	json_object_object_add(o, "kernel", text(m->kernel));
	json_object_object_add(o, "architecture", text(m->arch));
	json_object_object_add(o, "cpu_name", text(m->cpu_name));
	json_object_object_add(o, "cpu_flags", text(m->cpu_flags));
	json_object_object_add(o, "cpu", json_object_new_int(m->cpu));
	json_object_object_add(o, "xstate_size", json_object_new_int64((int64_t)m->xstate_size));
	json_object_object_add(o, "xcr0", json_object_new_int64((int64_t)m->xcr0));
	json_object_object_add(o, "monotonic_behind", json_object_new_int64((int64_t)m->monotonic_behind));
	json_object_object_add(o, "boottime_behind", json_object_new_int64((int64_t)m->boottime_behind));
	char *s = xstrdup(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY));
	json_object_put(o);
	return s;
}

static char *get_text(json_object *o, const char *key)
{
	json_object *v = json_object_object_get(o, key);
	return xstrdup(v && json_object_is_type(v, json_type_string) ? json_object_get_string(v) : "");
}

int meta_from_json(struct trace_meta *m, const char *json)
{
	*m = (struct trace_meta){0};
	json_object *o = json_tokener_parse(json);
	if (!o || !json_object_is_type(o, json_type_object)) {
		json_object_put(o);
		return err_set("the trace is damaged: its description is not JSON");
	}
	json_object *argv = json_object_object_get(o, "command");
	size_t n = argv && json_object_is_type(argv, json_type_array) ? json_object_array_length(argv) : 0;
	m->argv = xcalloc(n + 1, sizeof(*m->argv));
	for (size_t i = 0; i < n; i++) {
		const char *s = json_object_get_string(json_object_array_get_idx(argv, i));
		m->argv[i] = xstrdup(s ? s : "");
	}
	m->cwd = get_text(o, "directory");
	m->time = get_text(o, "time");
	m->kernel = get_text(o, "kernel");
	m->arch = get_text(o, "architecture");
	m->cpu_name = get_text(o, "cpu_name");
	m->cpu_flags = get_text(o, "cpu_flags");
	m->cpu = json_object_get_int(json_object_object_get(o, "cpu"));
	m->xstate_size = (uint64_t)json_object_get_int64(json_object_object_get(o, "xstate_size"));
	m->xcr0 = (uint64_t)json_object_get_int64(json_object_object_get(o, "xcr0"));
	m->monotonic_behind = (uint64_t)json_object_get_int64(json_object_object_get(o, "monotonic_behind"));
	m->boottime_behind = (uint64_t)json_object_get_int64(json_object_object_get(o, "boottime_behind"));
	json_object_put(o);
	return 0;
}

void meta_free(struct trace_meta *m)
{
	for (size_t i = 0; m->argv && m->argv[i]; i++)
		free(m->argv[i]);
	free(m->argv);
	free(m->cwd);
	free(m->cpu_flags);
	free(m->cpu_name);
	free(m->kernel);
	free(m->arch);
	free(m->time);
	*m = (struct trace_meta){0};
}

int meta_check_cpu(const struct trace_meta *m)
{
	char *here = isa_flags(), missing[512] = "";
	char *words = xstrdup(m->cpu_flags), *save = NULL;
	struct utsname u;
	uname(&u);
	for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		size_t n = strlen(missing);
		if (!has_word(here, w) && n + strlen(w) + 2 < sizeof(missing))
			snprintf(missing + n, sizeof(missing) - n, " %s", w);
	}
	free(words);
	free(here);
	if (strcmp(m->arch, u.machine))
		return err_set("this recording was made on %s and cannot be replayed on %s", m->arch,
			       u.machine);
	if (missing[0])
		return err_set("this recording was made on a CPU (%s) with features that this one lacks:%s",
			       m->cpu_name, missing);
	return 0;
}

char *traces_dir(void)
{
	const char *s = getenv("REPRISE_TRACE_DIR");
	if (s && *s)
		return xstrdup(s);
	s = getenv("XDG_DATA_HOME");
	if (s && *s)
		return xasprintf("%s/reprise", s);
	s = getenv("HOME");
	return xasprintf("%s/.local/share/reprise", s && *s ? s : "");
}

char *traces_new(const char *program, const char *out)
{
	if (out) {
		if (!mkdir_p(out) && !rmdir(out) && !mkdir_p(out))
			return xstrdup(out);
		if (errno == ENOTEMPTY || errno == EEXIST)
			err_set("%s exists and is not empty: give -o a new directory", out);
		return NULL;
	}
	char *dir = traces_dir();
	if (mkdir_p(dir)) {
		free(dir);
		return NULL;
	}
	const char *base = strrchr(program, '/');
	base = base ? base + 1 : program;
	/* mkdir is atomic: whoever makes NAME-N owns it. */
	for (unsigned n = 0;; n++) {
		char *path = xasprintf("%s/%.200s-%u", dir, *base ? base : "trace", n);
		if (!mkdir(path, 0777)) {
			free(dir);
			return path;
		}
		int e = errno;
		if (e != EEXIST) {
			err_sys(e, "cannot make the trace directory %s (set REPRISE_TRACE_DIR or use -o)",
				path);
			free(path);
			free(dir);
			return NULL;
		}
		free(path);
	}
}

void traces_set_latest(const char *dir)
{
	char *base = traces_dir();
	size_t n = strlen(base);
	if (!strncmp(dir, base, n) && dir[n] == '/') {
		char *link = xasprintf("%s/latest", base), *tmp = xasprintf("%s/.latest-%d", base, getpid());
		if (!symlink(dir + n + 1, tmp) && rename(tmp, link))
			unlink(tmp);
		free(tmp);
		free(link);
	}
	free(base);
}

char *traces_find(const char *name)
{
	if (name && (strchr(name, '/') || !access(name, F_OK)))
		return xstrdup(name);
	char *base = traces_dir();
	char *path = xasprintf("%s/%s", base, name ? name : "latest");
	if (access(path, F_OK)) {
		if (name)
			err_set("no trace called %s, neither here nor in %s (reprise ls lists them)", name,
				base);
		else
			err_set("there is no recording yet in %s: make one with reprise record COMMAND",
				base);
		free(path);
		path = NULL;
	}
	free(base);
	return path;
}
