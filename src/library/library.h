/* What the files of libreprise-interpose share. include/reprise/interpose.h describes the functions. */
#ifndef LIBRARY_LIBRARY_H
#define LIBRARY_LIBRARY_H

#include "abi/print.h"
#include "interpose/loop.h"
#include "reprise/interpose.h"

#define CLIENTS 64 /* as many as `heard` of struct call has bits */

struct reprise_client {
	struct reprise *whole;
	struct reprise_handlers handlers;
	void *state;
	struct module module;
};

/* What the library keeps of a task: tracee->data, made when first used. */
struct task_data {
	void *user;
	struct print_how how;
	struct printed_call call; /* what reprise_decode has shown of the call at its start, */
	bool decoded;		  /* if it has; and which of the loop's starts that was: */
	uint64_t start;
	struct buf text;
};

struct reprise {
	struct loop loop;   /* first: a loop of the library is a struct reprise */
	struct module last; /* behind all clients */
	struct hmap data;   /* struct task_data by its address */
	struct loop_options options;
	bool begun; /* the loop has been made, of the chain as it is */
	struct reprise_client *clients[CLIENTS];
	unsigned n_clients;
	char error[1024];
};

struct task_data *task_data(struct reprise_task *t);
/* The task is gone. */
void task_data_free(struct reprise *r, struct tracee *t);

/* A task is the loop's own. */
static inline struct tracee *tracee_of(const struct reprise_task *t)
{
	return (struct tracee *)t;
}

#endif
