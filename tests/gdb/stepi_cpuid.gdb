# cpuid is one instruction, though the runtime makes it, in both directions.
# program: cpuid
break *(char *)&cpuid_at
continue
x/i $rip
#> cpuid
stepi
x/i $rip
#> nop
python sp = str(gdb.parse_and_eval("(unsigned long)$rsp"))
reverse-stepi
x/i $rip
#> cpuid
python print("same stack", sp == str(gdb.parse_and_eval("(unsigned long)$rsp")))
#> same stack True
