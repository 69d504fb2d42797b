# Thin front of meson and ninja; README.md says what the targets do.
B ?= build
PREFIX ?= /usr/local

all: $(B)/build.ninja
	@ninja -C $(B)

$(B)/build.ninja:
	@tools/setup
	@meson setup $(B) --prefix $(PREFIX) >/dev/null

setup-check:
	@tools/setup check

check: setup-check
	@tools/configure $(B) --prefix $(PREFIX)
	@ninja -C $(B)
	@tests/run --build $(B)

# Both, in both orders, on a bare machine made for it.
fresh-check:
	@tools/fresh-check

demo: setup-demo all
	@tools/demo $(B)/reprise

setup-demo:
	@tools/setup demo

# The picture of the README, from a real session.
picture: setup-demo all
	@tools/demo --picture docs/session.svg $(B)/reprise

bench: setup-check all
	@bench/run --build $(B)
	@bench/debug.py --build $(B)
	@bench/trace.py --build $(B)

install: all
	@meson configure $(B) --prefix $(PREFIX) && meson install -C $(B)

asan:
	@tools/setup
	@test -f build-asan/build.ninja || meson setup build-asan -Db_sanitize=address -Db_lundef=false
	@ninja -C build-asan

ubsan:
	@tools/setup
	@test -f build-ubsan/build.ninja || meson setup build-ubsan -Db_sanitize=undefined -Db_lundef=false
	@ninja -C build-ubsan

format:
	@clang-format -i $$(git ls-files 'src/*.c' 'src/*.h')

clean:
	@rm -rf build build-asan build-ubsan

.PHONY: all setup-check setup-demo picture check fresh-check demo bench install asan ubsan format clean
