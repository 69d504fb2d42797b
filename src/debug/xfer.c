/* qXfer: objects that the client reads in pieces. */
#include "debug/session.h"

#include <stdio.h>
#include <string.h>

#include "debug/regs.h"

static void make_features(struct session *s)
{
	regs_describe(replay_meta(s->r), &s->xfer);
}

static void make_auxv(struct session *s)
{
	struct task_view v;
	if (replay_task_view(s->r, s->general, &v))
		buf_put(&s->xfer, v.auxv, v.auxv_len);
}

static void make_siginfo(struct session *s)
{
	/* That of the recording while no function of the program's is being called. */
	const struct stop *st = replay_elsewhere(s->r, s->general) ? divert_stop(s) : &s->stop;
	if (st->why == STOP_SIGNAL)
		buf_put(&s->xfer, &st->si, sizeof(st->si));
}

/* The name that the kernel shows is 16 bytes of the task's own, which replay does not know: that of the
 * program. */
static void make_threads(struct session *s)
{
	task_list tasks = {0};
	procs_tasks(s, &tasks);
	put_text(&s->xfer, "<?xml version=\"1.0\"?><threads>");
	for (size_t i = 0; i < tasks.n; i++) {
		const struct task_view *v = &tasks.at[i];
		const char *name = strrchr(v->exe, '/');
		put_text(&s->xfer, "<thread id=\"");
		put_task(s, &s->xfer, v->tgid, v->tid);
		put_text(&s->xfer, "\" name=\"");
		xml_text(&s->xfer, name ? name + 1 : v->exe);
		put_text(&s->xfer, "\"/>");
	}
	put_text(&s->xfer, "</threads>");
	VEC_FREE(&tasks);
}

static const struct object {
	const char *name;
	void (*make)(struct session *s);
} objects[] = {
	{"features:read:target.xml:", make_features},
	{"auxv:read::", make_auxv},
	{"exec-file:read:", make_exec_file},
	{"libraries-svr4:read::", make_libraries},
	{"siginfo:read::", make_siginfo},
	{"threads:read::", make_threads},
};

/* Behind the object's name may be a process. */
static void make(struct session *s, const struct object *o, const char *annex)
{
	int32_t general = s->general;
	uint64_t pid;
	if (get_num(&annex, &pid) && *annex == ':')
		s->general = procs_task(s, (int32_t)pid);
	o->make(s);
	s->general = general;
}

/* OFFSET,LENGTH of the object in s->xfer. */
static void piece(struct session *s, const char *p)
{
	uint64_t off, len;
	if (!get_num(&p, &off) || !get_char(&p, ',') || !get_num(&p, &len)) {
		put_text(&s->out, "E01");
		return;
	}
	off = off < s->xfer.len ? off : s->xfer.len;
	len = len < PACKET_MAX / 2 ? len : PACKET_MAX / 2;
	bool last = len >= s->xfer.len - off;
	buf_u8(&s->out, last ? 'l' : 'm');
	buf_put(&s->out, s->xfer.data + off, last ? s->xfer.len - off : len);
}

bool on_xfer(struct session *s, const char *p)
{
	p += strlen("qXfer:");
	for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
		const struct object *o = &objects[i];
		if (strncmp(p, o->name, strlen(o->name)))
			continue;
		const char *rest = strrchr(p, ':') + 1;
		if (!strncmp(rest, "0,", 2) || strcmp(s->xfer_name, o->name)) {
			s->xfer.len = 0;
			make(s, o, p + strlen(o->name));
			snprintf(s->xfer_name, sizeof(s->xfer_name), "%s", o->name);
		}
		piece(s, rest);
		return true;
	}
	return true; /* empty: not known */
}
