/* Memory that several address spaces map: shared files, System V segments, anonymous memory. */
#ifndef RECORD_OBJECTS_H
#define RECORD_OBJECTS_H

#include "record/session.h"

/* Names a file in tables of the recorder. */
uint64_t object_file_key(uint64_t dev, uint64_t ino);
/* The object of a file, or NULL. Objects belong to the recorder, until a call of object_sweep. */
struct robj *object_find(struct recorder *s, uint64_t dev, uint64_t ino);
struct robj *object_by_id(struct recorder *s, uint64_t id);
/* A new object that is found again by (dev, ino); 0, 0: one that nobody can name (System V
 * segments have inode numbers from 0 on, but never device 0). */
struct robj *object_new(struct recorder *s, uint64_t dev, uint64_t ino, uint32_t group);
/* Now and then: forget objects that nobody maps, here and at replay, where each is a descriptor. Whoever maps
 * one again puts on record what it holds. The event being built says so. */
void object_sweep(struct recorder *s);
bool object_is_mapped(struct recorder *s, const struct robj *o);
/* All address spaces that can see each other's changes are one group, and the objects
 * that they map are that group's. */
void object_join_group(struct recorder *s, struct rmm *mm, uint32_t group);
/* `t` maps the object. */
void object_join(struct recorder *s, struct rtask *t, struct robj *o);
/* The object has `size` bytes: the event being built says so where that is new. */
void object_size(struct recorder *s, struct robj *o, uint64_t size);
/* Write [off, end) of the object's file into events of `t` that come before the one being
 * built; holes too where something else may have been there. */
void object_log(struct recorder *s, struct rtask *t, const struct robj *o, int fd, uint64_t off, uint64_t end,
		bool holes);
/* `t` maps file `fd` as `m`, which becomes a mapping of the file's object; what it shows goes on record. */
void object_map(struct recorder *s, struct rtask *t, struct mapping *m, int fd, const struct stat *st);
/* Others mapped this file as if it were constant; now somebody may store into it: their mappings become
 * mappings of the object. */
void object_convert(struct recorder *s, const struct stat *st, struct robj *o, int fd);
/* The object that holds what file `fd` holds, which is made where there is none, and its content from
 * `from` to `to` on record. (fd -1: nothing is there.) Returns its id. */
uint64_t object_mirror(struct recorder *s, struct rtask *t, int fd, const struct stat *st, uint64_t from,
		       uint64_t to);

#endif
