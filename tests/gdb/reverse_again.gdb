# What a search backwards has found is remembered, as long as the same is looked for.
# program: conditions x 300
handle SIGSEGV nostop noprint
break main
break {main: last}
continue
continue
python
def when():
    return gdb.execute("monitor when", to_string=True)
last = when()
def back():
    before = int(gdb.execute("monitor stops", to_string=True).split()[0])
    gdb.execute("reverse-continue", to_string=True)
    return when(), int(gdb.execute("monitor stops", to_string=True).split()[0]) - before
def forth():
    while when() != last:
        gdb.execute("continue", to_string=True)
def check(name):
    place, cost = back()
    here = gdb.selected_frame().name()
    i = int(gdb.parse_and_eval("$rdi")) if here != "main" else 0
    forth()
    again, less = back()
    forth()
    print(name, here, i, again == place, less < 50)
end
python check("nothing")
#> nothing main 0 True True
break *fault_at if $rdi == 150
python check("condition")
#> condition fault 150 True True
condition 3 $rdi == 200
python check("another")
#> another fault 200 True True
delete 3
python check("deleted")
#> deleted main 0 True True
catch syscall getppid
python check("call")
#> call call_of_kernel 59 True True
delete 4
handle SIGSEGV stop print
reverse-continue
#> SIGSEGV
#> fault
