# Calls of a called function that would change the world outside fail; who the program is, it finds as recorded.
# program: inferior
break {main: first}
continue
print make_file()
python print("is me:", int(gdb.parse_and_eval("is_me()")) == gdb.selected_inferior().pid)
python import os; print("made:", os.path.exists("made-by-a-call"))
#> system call mkdir is not made outside of the recording: ENOENT
#> = -1$
#> is me: True
#> made: False
