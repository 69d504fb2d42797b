/* The ways to name a place of the recording. */
#include "debug/session.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "debug/bookmarks.h"

#define DAY 86400
#define SECOND_NS 1000000000ull

/* --- the clock of the recorded machine --- */

/* Its zone, in seconds east of Greenwich: the header's time ends with +0100 or the like. */
static int zone(struct session *s)
{
	const char *time = replay_meta(s->r)->time;
	size_t n = time ? strlen(time) : 0;
	int hours, minutes;
	char sign;
	if (n < 5 || sscanf(time + n - 5, "%c%2d%2d", &sign, &hours, &minutes) != 3)
		return 0;
	return (hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
}

void session_clock(struct session *s, uint64_t event, char out[CLOCK_TEXT])
{
	uint64_t ns = timeline_start(s->tl) + timeline_time(s->tl, event);
	time_t t = (time_t)(ns / SECOND_NS) + zone(s);
	struct tm tm;
	gmtime_r(&t, &tm);
	size_t n = strftime(out, CLOCK_TEXT, "%Y-%m-%d %H:%M:%S", &tm);
	snprintf(out + n, CLOCK_TEXT - n, ".%03u", (unsigned)(ns % SECOND_NS / 1000000));
}

/* [YYYY-MM-DD ]HH:MM[:SS[.FRACTION]] as seconds since 1970, local time. Without a date it is the time nearest
 * to `start`. False: it is none. */
static bool parse_clock(const char *text, double start, double *out)
{
	struct tm tm = {0};
	int n = 0, hours, minutes;
	double seconds = 0, t;
	bool date = sscanf(text, "%4d-%2d-%2d%*1[ T]%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &n) == 3 && n;
	text += date ? n : 0;
	n = 0;
	if (sscanf(text, "%2d:%2d%n:%lf%n", &hours, &minutes, &n, &seconds, &n) < 2 || !n || text[n] ||
	    hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || !(seconds >= 0 && seconds < 61))
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	t = date ? (double)timegm(&tm) : (double)((int64_t)start / DAY * DAY);
	t += hours * 3600 + minutes * 60 + seconds;
	if (!date && t < start - DAY / 2)
		t += DAY;
	else if (!date && t > start + DAY / 2)
		t -= DAY;
	*out = t;
	return true;
}

static int clock_place(struct session *s, double t, double start, struct position *p)
{
	uint64_t last = replay_last_event(s->r);
	double end = start + (double)timeline_time(s->tl, last) / 1e9;
	char from[CLOCK_TEXT], to[CLOCK_TEXT];
	if (t < start - 60 || t > end + 60) {
		session_clock(s, 0, from);
		session_clock(s, last, to);
		return err_set("the recording goes from %s to %s", from, to);
	}
	timeline_at_time(s->tl, t < start ? 0 : (uint64_t)((t - start) * 1e9), p);
	return 0;
}

/* --- */

/* Not all events are places: some only prepare what comes. */
static void at_station(struct session *s, struct position *p)
{
	if (!p->calls && !p->ticks && !p->nmoves)
		p->event = timeline_station(s->tl, p->event);
}

/* So much of the time that the recording took; all of it: not a ns less. */
static uint64_t part_of(struct session *s, double part)
{
	uint64_t all = timeline_time(s->tl, replay_last_event(s->r));
	return part < 1 ? (uint64_t)(part * (double)all) : all;
}

int session_place(struct session *s, const char *text, struct position *p)
{
	char *end;
	double part = strtod(text, &end), t, start = (double)timeline_start(s->tl) / 1e9 + zone(s);
	if ((isalpha((unsigned char)*text) || *text == '_') && !bookmarks_find(s->opt->dir, text, p))
		return 0;
	if (parse_clock(text, start, &t)) {
		if (clock_place(s, t, start, p))
			return -1;
	} else if (end != text && part >= 0 && !strcmp(end, "s")) {
		timeline_at_time(s->tl, (uint64_t)(part * 1e9), p);
	} else if (end != text && part >= 0 && part <= 100 && !strcmp(end, "%")) {
		timeline_at_time(s->tl, part_of(s, part / 100), p);
	} else if (position_parse(text, p)) {
		return err_set(
			"'%s' is no bookmark, nor another place: write a position as 'when' shows it, EVENT, "
			"EVENT:TICKS, N%%, SECONDSs, or a time of day HH:MM:SS",
			text);
	}
	at_station(s, p);
	return 0;
}

int session_start_at(struct session *s, const char *text)
{
	struct position p;
	if (session_place(s, text, &p))
		return -1;
	session_seek(s, &p);
	if (s->stop.why == STOP_POSITION || s->stop.why == STOP_EXIT)
		return 0;
	return err_set("cannot begin at %s: %s", text,
		       s->stop.text ? s->stop.text : "the recording ends before that");
}
