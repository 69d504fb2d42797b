# disassemble shows the file's instructions, not the jumps of the recorder.
# program: syscalls
break ask
continue
disassemble syscall
#> syscall
#> ret
#! jmp .*0x[0-9a-f]+ *$
