# gdb has the registers of AVX-512, and can write them in a diversion.
# program: avx512
python
here = " avx512bw " in open("/proc/cpuinfo").read()
def show(*names):
    """Without AVX-512 nothing can be compared."""
    print("is:", *([hex(int(gdb.parse_and_eval(n))) for n in names] if here else ["skipped, this CPU has no AVX-512"]))
if here:
    gdb.execute("break {main: store}")
    gdb.execute("continue")
end
python show("$k3")
#> is: (0x123456789abcdef$|skipped)
python show("$zmm17.v8_int64[0]", "$zmm17.v8_int64[3]", "$zmm17.v8_int64[7]", "$ymm17.v4_int64[2]", "$xmm17.v2_int64[1]")
#> is: (0x1 0x4 0x8 0x3 0x2$|skipped)
python show("$zmm2.v8_int64[0]", "$zmm2.v8_int64[2]", "$zmm2.v8_int64[7]")
#> is: (0x1 0x3 0x8$|skipped)
python here and gdb.execute("set var $zmm17.v8_int64[7] = 99")
python show("$zmm17.v8_int64[7]", "$zmm17.v8_int64[6]")
#> is: (0x63 0x7$|skipped)
python here and gdb.execute("reverse-stepi", to_string=True)
python show("$zmm17.v8_int64[7]")
#> is: (0x8$|skipped)
