/* State of a recording: its tasks, processes and address spaces, and what is shared by all. */
#ifndef RECORD_STATE_H
#define RECORD_STATE_H

#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

#include "abi/regions.h"
#include "base/buf.h"
#include "base/fds.h"
#include "base/hmap.h"
#include "interpose/chain.h"
#include "rewrite/sitemap.h"
#include "shared.h"
#include "task/mapping.h"
#include "task/moment.h"
#include "task/ptrace.h"
#include "trace/event.h"
#include "trace/writer.h"

enum task_state {
	TS_READY,   /* stopped; `status` may wait to be processed */
	TS_USER,    /* running user code: at most one task of the recording is */
	TS_KERNEL,  /* inside a system call that we let go on */
	TS_STOPPED, /* in a job-control stop */
	TS_EXITING, /* past its exit stop, or killed; only its wait status is to come */
};

/* Scratch memory of an address space (scratch.c). */
struct scratch_area {
	uint64_t addr, size;
	struct rtask *user; /* whose calls write there, NULL: free to use */
};

/* An int3 in code made at run time, and what the program has there. */
struct fetch_plant {
	uint64_t at;
	uint8_t was;
};

/* An address space. */
struct rmm {
	struct space space;
	unsigned refs;	     /* live tasks */
	struct rtask *tasks; /* these */
	unsigned exiting;    /* tasks whose death others must not overtake */
	uint32_t group;
	bool shares;	       /* maps memory that other address spaces may map */
	uint64_t brk;	       /* current break, 0 when unknown */
	uint64_t scratch_next; /* where the next area goes, if that is before RUNTIME_SCRATCH_END */
	VEC(struct scratch_area) scratch;
	bool hidden;	   /* its tasks cannot open the recorder's files by path (handover.c) */
	bool unlisted;	   /* the runtime's list of what is ours is not whole */
	struct hmap sites; /* address of a trapping instruction -> what it is (planted.c) */
	size_t sites_swept;
	bool holds_code;   /* there is code made at run time (fetch.c): */
	struct hmap fetch; /* its pages, by address, and int3s there */
	VEC(struct fetch_plant) fetch_plants;
	VEC(uint64_t) fetch_due; /* pages that are open until the next such fault */
	VEC(uint64_t) code_objects; /* shared memory that has been executed here */
	bool shut;		    /* some of that cannot be written though no page of it is open */
	bool hold_due;		    /* another process has written: all pages are held before a task goes on */
	placed_list images;
	struct pages *buf;   /* what the runtime and we share; NULL: nothing is buffered */
	struct rtask *owner; /* who ran last, and so made the calls in the buffer */
	int64_t last_nr;     /* of the last one of those that are on record */
	bool loose;	     /* these are not followed by the event they lead to yet */
	size_t noted;	     /* bytes of the buffer whose effects are known, calls in them */
	int64_t noted_calls;
	bool mapped_file;      /* it was an mmap of a file: its arguments are the owner's */
	struct rproc *fd_proc; /* whose descriptors the runtime remembers */
	bool fds_shared;       /* others may close them: it must not */
	bool sighand;	       /* some of its processes share actions for signals (CLONE_SIGHAND) */
	bool torn;	       /* a task of it was killed in the middle of user code */
};

/* The data pages of one address space's runtime. */
struct pages {
	int fd;
	uint8_t *base;	  /* our mapping of RUNTIME_DATA */
	struct state *st; /* in it */
	struct pages *next;
};

/* The end of a tracee that is no child of its tracer, which has not waited for it yet. */
struct trace_end {
	pid_t tid;
	uid_t uid;
	int status;
};

/* A thread group. */
struct rproc {
	pid_t tgid;
	unsigned tasks;
	bool ended, runs; /* left behind by the first process (leftover.c) */
	/* What the program set for SIGTRAP and SIGSEGV, as struct sigaction of the kernel:
	 * traps of ours can make the kernel forget it. */
	struct kept_action {
		uint64_t handler, flags, restorer, mask;
	} actions[2];
	int dumpable;		/* what PR_GET_DUMPABLE says */
	bool read_implies_exec; /* personality(2) */
	/* Signals that it ignores, where known, as long as its memory's count of changed actions
	 * is the same (interrupt.c). */
	bool ignored_known;
	uint64_t ignored, actions_seen;
	unsigned tracees; /* tasks that its tasks trace */
	siginfo_t chld;	  /* siginfo of the SIGCHLD that the recorder has sent last for a tracee */
	VEC(struct trace_end) ends;
};

/* The file that a call writes to, as it was at the call's start. */
struct target {
	bool by_path;	   /* the call makes the file at a path shorter */
	bool known;	   /* then: the call was started again at the same `rip` and `rsp` */
	uint64_t rip, rsp; /* of the task */
	bool regular;
	uint64_t dev, ino, size;
};

/* struct sched_attr of the kernel. */
struct policy {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};

struct rtask {
	pid_t tid;
	struct rproc *proc;
	struct rmm *mm;
	enum task_state state;
	bool has_status, queued, waited_for;
	bool settled;	      /* no other may come before it (sched_settle) */
	uint64_t ready_since; /* ns: when it was queued */
	bool check_due;	      /* its memory goes on record (--verify) before it is resumed */
	bool parked;	      /* at a station, its slice over: to be resumed when its turn comes */
	bool defers;	      /* its stop waits until what others did is on record */
	int status;
	struct rtask *next_ready, **prev_ready; /* while queued */
	struct rtask *next_in_mm, **prev_in_mm; /* tasks of the same address space */

	/* The system call it is in. */
	bool in_call, entry_logged, redirected, may_block, args_changed;
	bool may_wait;	  /* it counts as one that blocks if it waits for long (late.c) */
	unsigned looks;	  /* times in a row that it was seen waiting */
	bool notified;	  /* the listener of a filter of the program's answers the call */
	bool let_through; /* a call that was started before: nobody is asked about it again */
	struct {	  /* it must not wait in its call (mapwait.c): */
		enum {
			MAPWAIT_NO,
			MAPWAIT_CUT,   /* it has been interrupted there */
			MAPWAIT_DUE,   /* it waits before it makes the call again, at this `rip` and `rsp` */
			MAPWAIT_POLLS, /* it does that now */
		} state;
		uint64_t rip, rsp;
	} mapwait;
	enum { WR_NOTHING, WR_MEMORY, WR_MAPPED } writes; /* what the call writes that others see */
	struct target target;
	struct rmm *writes_to;	/* WR_MEMORY: whose memory; only to be compared */
	uint8_t output;		/* EVF_OUTPUT*: the call writes to what the user sees */
	int64_t nr, restart_nr; /* restart_nr: the call that restart_syscall continues */
	uint64_t args[6], restart_args[6];
	regs_t regs; /* at the last stop of a call */
	region_list regions, restart_regions;
	struct buf in_data;		 /* what DIR_IN regions held at the start */
	struct buf redirected_in;	 /* what was copied to scratch memory then (scratch.c) */
	uint64_t scratch, scratch_size;	 /* its area, 0: none */
	int64_t result;			 /* of the last call */
	uint64_t leaves_for;		 /* its call's stub is gone: where it goes on (giveway.c); or 0 */
	uint64_t aux;			 /* of the call's own handler */
	bool held_back;			 /* the kernel was not told of PROT_EXEC (fetch.c) */
	struct undescribed *undescribed; /* its call is one of undescribed.c; else NULL */
	struct {
		uint64_t flags, ptid, ctid, pidfd;
	} clone;

	/* Signals. */
	VEC(siginfo_t) held; /* taken from the kernel, to be delivered at a station */
	uint64_t mask;	     /* what it blocks, in user code */
	bool stepping;	     /* resumed by a single step: nothing has run since the station */
	bool trap_due;	     /* a step was made, whose trap comes after another stop */
	bool interrupted;    /* the last exit was that of an interrupted call */
	bool stop_later;     /* job control stopped it where it cannot stay: at the next station */
	bool stop_here;	     /* it has got there */
	/* It is traced by another recorded task (traced.h); else NULL. */
	struct traced *traced;
	pid_t parent;	 /* the task that made it */
	bool call_ended; /* traced: its call has ended, and nothing has run since */
	bool wait_idle;	 /* its wait is a pause: the kernel knows of nobody to wait for (tracewait.c) */
	struct own_filter *filter, *new_filter; /* seccomp filters of its own; being installed */
	bool strict;				/* it is in seccomp's strict mode */
	bool tsc_traps;	     /* its program has asked for SIGSEGV at rdtsc: it reads that back */
	uint64_t verdict_ip; /* its instruction pointer, while one for the kernel's filters is set; or 0 */
	bool no_new_privs;   /* the program's own setting */

	/* Signals that natively do not interrupt its call (interrupt.c). */
	struct {
		uint64_t start;	   /* ns: when it began, or a little later */
		uint64_t deadline; /* ns: when it ends by itself; 0: never, or not known */
		uint64_t blocked;  /* signals that it blocks during the call, and */
		uint64_t mask;	   /* what it blocks otherwise */
		bool again;	   /* it was interrupted, and is on its way to the call again */
	} intr;

	/* Safepoints (safepoints.c): in units of the counter. */
	uint8_t chaos_priority;
	bool chaos_new;		/* it has not run yet */
	uint8_t chaos_age;	/* times that it was resumed, to a few */
	bool chaos_soft;	/* it does, when nobody else can */
	uint64_t chaos_starved; /* ns: until when it does not run */
	bool stalled;		/* it was interrupted in the middle of its code (stall.c) */
	bool no_moment;		/* it could not be: too much of its memory is shared */
	uint64_t wanted_since;	/* ns: since when others, or a signal, want it to stop; 0: they do not */
	int no_frame;		/* signal whose frame could not be written, until the next stop; 0: none */
	enum sig_where no_frame_at;
	uint64_t undone_at; /* address behind a call that a signal came before, until it is made; or 0 */
	bool shut_out;	    /* it blocks what is held, for now; its own mask is */
	uint64_t open_mask;
	bool vsyscall;	   /* its call is one of the vsyscall page */
	bool at_safepoint; /* its counter of safepoints has run out */
	bool set_aside;	   /* others went on since its call */
	uint64_t passed;   /* since the last event, but for what the counter tells */
	uint64_t lowered;  /* by which the counter was lowered, unless that was lost */

	struct policy policy; /* as the kernel told it last (policy.c) */
	uint64_t clear_tid;
	uint64_t user_since; /* ns: when it was last let run user code, or a call */
	bool exit_logged, zombie;
	VEC(uint8_t) affinity; /* what the program believes, empty: unchanged */
};

/* Memory that several address spaces map. */
struct robj {
	uint64_t id, dev, ino;
	uint32_t group;
	uint64_t size;
	bool part;	 /* some mappings of the file are of a file of the trace still */
	uint64_t lo, hi; /* the part of the file that the trace holds, while it is mapped */
};

struct rstats {
	uint64_t stops, calls, buffered, flushes, switches, signals, forks, execs, insns;
	uint64_t fetches;   /* faults at code made at run time */
	uint64_t preempted; /* safepoints at which others went on */
	uint64_t moments;   /* the same where there were none (stall.c) */
	uint64_t waited_ns; /* the longest that a task which could run had to wait */
};

struct recorder {
	struct trace_writer *w;
	char *dir;
	struct hmap tasks;
	unsigned ntasks;
	struct rtask *ready_first, **ready_last;
	struct hmap groups;  /* what the scheduler knows of each */
	size_t groups_swept; /* how many were left when those without tasks were forgotten */
	pid_t root;
	int root_status;
	bool wait;			 /* record --wait */
	bool root_gone;			 /* the first process has ended */
	uint64_t rest_since, rest_stops; /* ns: since when what it left behind waits; the stops by then */
	uint64_t rest_used, rest_seen;	 /* ns: CPU time of these since then, and of all at the last look */
	uint64_t rest_ended;		 /* ns: when it was decided to kill that (leftover.c); or 0 */
	bool failed, warned_spin, warned_ptrace, warned_refused, warned_own, warned_device, started;
	timer_t timer; /* of tick.c, if `ticks` */
	bool ticks;
	struct ending *ending; /* ending.c; NULL: signals do not end the recording */
	uint64_t traced_stops; /* so far, of tracees */
	uint64_t last_tick;    /* ns: when the slower duties were done */
	uint32_t next_group;
	uint64_t next_object;
	struct hmap files;		/* identity of a file -> its name in the store */
	struct hmap objects;		/* identity of a file -> struct robj */
	size_t objects_swept;		/* how many were left when those that nobody maps were forgotten */
	struct map_counts maps;		/* of all address spaces */
	struct hmap mapped;		/* identities (dev, ino) of files in the filter (mapped.c) */
	size_t mapped_swept;		/* how many of these were left when others were last removed */
	VEC(struct cpuid_row) cpuids;	/* what programs get from cpuid */
	struct xsave_layout xsave;	/* of this CPU */
	struct hmap stashed;		/* first stops of tasks nobody has told us of yet */
	struct event ev;		/* the event being built */
	struct rmm *ev_mm;		/* whose */
	size_t ev_bytes;		/* its data so far */
	VEC(void *) held_bytes;		/* what it points to, owned */
	int common_fd;			/* memfd of the runtime's code, table and world; -1 */
	struct world *world;		/* our mapping of it */
	struct pages *spare_bufs;	/* of address spaces that are gone */
	struct hmap images;		/* hash of a file's name in the store -> struct rimage */
	size_t images_swept;		/* how many were left when those that nobody maps were freed */
	struct fd_cache image_fds;	/* of the trace's copies, by the same hash */
	bool unbuffered;		/* record --no-buffer, or served.c */
	bool warned_code;		/* some code could change unseen (fetch.c) */
	bool warned_translator;		/* that valgrind cannot be recorded */
	bool serves;			/* a task serves a file system (served.c) */
	struct module self;		/* the recorder as a module of the chain, its only one so far */
	bool cpuid_faults, rdtsc_traps; /* by themselves, on this machine */
	cpu_set_t cpus;			/* of the recorder before it was bound to one */
	uint8_t affinity[128];		/* what the program is told of them */
	unsigned affinity_len;
	uint32_t listeners;		   /* filters with listeners so far, modulo FILTER_LISTENERS */
	unsigned zombies;		   /* leaders whose death nobody will report yet */
	bool own_nnp;			   /* we had to set no_new_privs */
	uint64_t verify_every, last_check; /* events; see record --verify */
	enum { DR_UNKNOWN, DR_WORK, DR_IGNORED } debug_registers;
	uint64_t sum_ns;   /* what summing memory took the last time (stall.c) */
	uint64_t slice_ns; /* how long a task keeps the CPU while others wait */
	bool chaos;	   /* record --chaos */
	uint64_t chaos_seed, chaos_state, chaos_redraw, chaos_next_hold;
	uint32_t chaos_grain; /* slices are shorter than so many safepoints */
	unsigned cores;	      /* record --cores; 0: those of the machine */
	struct rstats stats;
};

#define RESULT_RESTART_FIRST (-516) /* ERESTART_RESTARTBLOCK */
#define RESULT_RESTART_LAST (-512)  /* ERESTARTSYS; include/linux/errno.h */

#endif
