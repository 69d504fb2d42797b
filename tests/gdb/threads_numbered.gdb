# Threads that gdb learns of at one stop of another thread have numbers in the order in which they were made.
# program: threads
break pthread_join
continue
python t = sorted(gdb.selected_inferior().threads(), key=lambda t: t.num); print("in order", [x.ptid[1] for x in t] == sorted(x.ptid[1] for x in t), "of", len(t))
#> in order True of [1-3]
