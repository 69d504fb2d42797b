# Checkpoints are made although the program stops all the time for signals that gdb wants passed.
# program: passed
handle SIGUSR1 nostop noprint pass
break {main: last}
continue
python import re; print("several:", int(re.search(r"(\d+) checkpoints", gdb.execute("info recording", to_string=True))[1]) > 3)
#> several: True
