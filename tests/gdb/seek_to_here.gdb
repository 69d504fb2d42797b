# Seeking to where a search backwards has led to, under the name that `when` tells.
# program: signals
handle SIGUSR1 stop print
continue
continue
reverse-continue
python here = gdb.execute("when", to_string=True).split()[-1]
python gdb.execute("seek " + here)
#! no position
python print("stays", here == gdb.execute("when", to_string=True).split()[-1], here)
#> stays True \d+.*!signal
