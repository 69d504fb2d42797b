/* reprise rewrite: what instrumenting a file would do. */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "rewrite/image.h"

struct rewrite_input {
	VEC(char *) files;
	bool check, json, quiet;
	const char *output;
};

static const struct argp_option rewrite_options[] = {
	{"check", 'c', NULL, 0, "Say what would be changed and what not, and verify every stub", 0},
	{"output", 'o', "FILE", 0, "Write the instrumented image of one file to FILE", 0},
	{"json", 'j', NULL, 0, "Print JSON, one object for each file", 0},
	{"quiet", 'q', NULL, 0, "Print failures and a summary only", 0},
	{0},
};

static error_t rewrite_parse(int key, char *arg, struct argp_state *state)
{
	struct rewrite_input *in = state->input;
	switch (key) {
	case 'c':
		in->check = true;
		return 0;
	case 'o':
		in->output = arg;
		return 0;
	case 'j':
		in->json = true;
		return 0;
	case 'q':
		in->quiet = true;
		return 0;
	case ARGP_KEY_ARG:
		*VEC_PUSH(&in->files) = arg;
		return 0;
	case ARGP_KEY_END:
		if (!in->files.n)
			argp_error(state, "which files?");
		if (in->output && in->files.n > 1)
			argp_error(state, "--output takes one file");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

const struct argp rewrite_argp = {
	rewrite_options,
	rewrite_parse,
	"FILE...",
	"Analyse ELF files as recording does. Recording itself needs no preparation: it makes the "
	"instrumented images of what it runs and keeps them (see reprise cache).",
	NULL,
	NULL,
	NULL};

static const char *kind_text(uint8_t kind)
{
	return kind == SITE_SYSCALL	? "syscall"
	       : kind == SITE_CPUID	? "cpuid"
	       : kind == SITE_RDTSC	? "rdtsc"
	       : kind == SITE_XSAVE	? "xsave"
	       : kind == SITE_XSAVEC	? "xsavec"
	       : kind == SITE_FXSAVE	? "fxsave"
	       : kind == SITE_FNSTENV	? "fnstenv or fnsave"
	       : kind == SITE_SAFEPOINT ? "safepoint"
					: "instruction";
}

static void print_text(const char *path, const struct image_report *r, int made)
{
	if (made) {
		printf("%s: not changed: %s\n", path, r->why_not);
		return;
	}
	printf("%s: %u functions; %u of %u system calls, %u of %u cpuid, %u of %u rdtsc, %u of %u "
	       "xsave, %u of %u fnstenv and fxsave get stubs; %u instructions trap\n",
	       path, r->functions, r->syscalls_in, r->syscalls, r->cpuids_in, r->cpuids, r->tscs_in, r->tscs,
	       r->xsaves_in, r->xsaves, r->x87s_in, r->x87s, r->traps);
	printf("  %u of %u safepoints (%u loops, %u calls, %u indirect jumps; flags live at %u); %u loops "
	       "end by themselves, %u short ones lean on others; %u functions are not all instructions; %llu "
	       "KB of text, %llu KB of stubs\n",
	       r->safepoints, r->loops + r->calls + r->dispatches, r->loops, r->calls, r->dispatches, r->live,
	       r->ended, r->leaning, r->untiled, (unsigned long long)r->text_bytes >> 10,
	       (unsigned long long)r->area_bytes >> 10);
	for (size_t i = 0; i < r->left.n; i++)
		printf("  0x%llx %s left: %s\n", (unsigned long long)r->left.at[i].addr,
		       kind_text(r->left.at[i].kind), left_text(r->left.at[i].why));
}

static void print_json(const char *path, const struct image_report *r, int made)
{
	struct json_object *o = json_object_new_object(), *left = json_object_new_array();
	json_object_object_add(o, "file", json_object_new_string(path));
	json_object_object_add(o, "image", json_object_new_boolean(!made));
	if (made)
		json_object_object_add(o, "why_not", json_object_new_string(r->why_not));
	json_object_object_add(o, "functions", json_object_new_int64(r->functions));
	json_object_object_add(o, "syscalls", json_object_new_int64(r->syscalls));
	json_object_object_add(o, "syscalls_patched", json_object_new_int64(r->syscalls_in));
	json_object_object_add(o, "cpuids", json_object_new_int64(r->cpuids));
	json_object_object_add(o, "cpuids_patched", json_object_new_int64(r->cpuids_in));
	json_object_object_add(o, "rdtscs", json_object_new_int64(r->tscs));
	json_object_object_add(o, "rdtscs_patched", json_object_new_int64(r->tscs_in));
	json_object_object_add(o, "xsaves", json_object_new_int64(r->xsaves));
	json_object_object_add(o, "xsaves_patched", json_object_new_int64(r->xsaves_in));
	json_object_object_add(o, "x87s", json_object_new_int64(r->x87s));
	json_object_object_add(o, "x87s_patched", json_object_new_int64(r->x87s_in));
	json_object_object_add(o, "traps", json_object_new_int64(r->traps));
	json_object_object_add(o, "loops", json_object_new_int64(r->loops));
	json_object_object_add(o, "calls", json_object_new_int64(r->calls));
	json_object_object_add(o, "dispatches", json_object_new_int64(r->dispatches));
	json_object_object_add(o, "safepoints", json_object_new_int64(r->safepoints));
	json_object_object_add(o, "safepoints_live", json_object_new_int64(r->live));
	json_object_object_add(o, "loops_that_end", json_object_new_int64(r->ended));
	json_object_object_add(o, "loops_that_lean", json_object_new_int64(r->leaning));
	for (size_t i = 0; i < r->left.n; i++) {
		struct json_object *l = json_object_new_object();
		json_object_object_add(l, "address", json_object_new_int64((int64_t)r->left.at[i].addr));
		json_object_object_add(l, "kind", json_object_new_string(kind_text(r->left.at[i].kind)));
		json_object_object_add(l, "why", json_object_new_string(left_text(r->left.at[i].why)));
		json_object_array_add(left, l);
	}
	json_object_object_add(o, "left", left);
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
}

static int open_output(const struct rewrite_input *in)
{
	if (!in->output)
		return memfd_create("image", MFD_CLOEXEC);
	int fd = open(in->output, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	return fd < 0 ? err_sys(errno, "cannot write %s", in->output) : fd;
}

/* 0: fine (or nothing to do); -1 with the error text. */
static int one(const struct rewrite_input *in, const char *path, struct image_report *sum)
{
	struct image_report r = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(errno, "cannot open %s", path);
	int out = open_output(in), made = out < 0 ? -1 : image_build(fd, out, &r, NULL);
	int rc = made < 0 ? -1 : !made ? image_verify(fd, out) : 0;
	if (made >= 0 && !in->quiet && !in->json)
		print_text(path, &r, made);
	if (made >= 0 && in->json)
		print_json(path, &r, made);
	if (made > 0 && in->output)
		rc = err_set("%s: no image: %s", path, r.why_not);
	sum->syscalls += r.syscalls;
	sum->syscalls_in += r.syscalls_in;
	sum->cpuids += r.cpuids;
	sum->cpuids_in += r.cpuids_in;
	VEC_FREE(&r.left);
	if (out >= 0)
		close(out);
	close(fd);
	return rc ? err_add("%s", path) : 0;
}

int cmd_rewrite(int argc, char **argv)
{
	struct rewrite_input in = {0};
	struct image_report sum = {0};
	int bad = 0;
	cli_parse(&rewrite_argp, argc, argv, &in);
	for (size_t i = 0; i < in.files.n; i++) {
		if (one(&in, in.files.at[i], &sum)) {
			say("%s", err_msg());
			bad++;
		}
	}
	if (!in.json && in.files.n > 1)
		printf("%zu files, %d failures; %u of %u system calls and %u of %u cpuid get stubs\n",
		       in.files.n, bad, sum.syscalls_in, sum.syscalls, sum.cpuids_in, sum.cpuids);
	VEC_FREE(&in.files);
	return bad ? 1 : 0;
}
