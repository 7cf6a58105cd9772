#!/usr/bin/env bash
# The house: plain cmake configures; a library that is missing costs only its tools, and is named; install and package hold everything.
# labels: house
# builds: release
# timeout: 600
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
tools=$("$WEIR_SOURCE/scripts/tools" | cut -d" " -f1)

# Without Eigen only the tools of the room stats go; without libpq.pc and libmosquitto.pc only their tools go.
cmake -S "$WEIR_SOURCE" -B without -DCMAKE_DISABLE_FIND_PACKAGE_Eigen3=ON >configure.log
[ "$(grep 'is NOT built: missing libeigen3-dev' configure.log | sed 's/.*weir: \([a-z-]*\) .*/\1/' | sort | tr '\n' ' ')" = "anomaly-score polyfit-predict ts-forecast " ]
[ "$(grep -c 'is NOT built' configure.log)" -eq 3 ]
mkdir pc
for name in $(pkg-config --list-all | awk '{print $1}'); do
  case $name in libpq | libmosquitto) ;; *) dir=$(pkg-config --variable=pcfiledir "$name"); ln -sf "$dir/$name.pc" "pc/$name.pc" ;; esac
done
PKG_CONFIG_LIBDIR=$PWD/pc cmake -S "$WEIR_SOURCE" -B without-two >configure.log
grep 'is NOT built' configure.log
[ "$(grep 'is NOT built' configure.log | sed 's/.*weir: \([a-z-]*\) .*/\1/' | sort | tr '\n' ' ')" = "alert-notify mqtt-pub mqtt-sub pg-load pipe-health rec-enrich " ]
echo "a missing library: only its tools are left out, by name"

# A tool that needs libraries outside the system's is named and not installed; without them it is left out, by name.
build=$(dirname "$WEIR_BIN")
packaged=$(grep -vxFf "$build/not-installed" <<<"$tools")
while read -r tool; do
  WEIR_CACHE=$PWD/none cmake -S "$WEIR_SOURCE" -B without-cache >configure.log
  grep -F "$tool is NOT built: missing Apache Arrow" configure.log
  grep "^$tool, without Apache Arrow" without-cache/left-out
done <"$build/not-installed"

# Binaries, manual pages and completions install, and the binaries run from there.
cmake --install "$build" --prefix "$PARTS/prefix" >/dev/null
for tool in $packaged; do
  "$PARTS/prefix/bin/$tool" --version >/dev/null
  for file in "share/man/man1/$tool.1" "share/bash-completion/completions/$tool" "share/zsh/vendor-completions/_$tool" \
    "share/fish/vendor_completions.d/$tool.fish"; do
    [ -s "$PARTS/prefix/$file" ] || { echo "$file is not installed"; exit 1; }
  done
done
[ -s "$PARTS/prefix/share/doc/weir/LICENSE" ]
echo "install: $(wc -w <<<"$packaged") tools with manual pages and completions"

(cd "$build" && cpack -G DEB -B "$PARTS/package" >"$PARTS/cpack.log" 2>&1) || { cat cpack.log; exit 1; }
deb=("$PARTS"/package/*.deb)
dpkg-deb -c "${deb[0]}" >contents
for tool in $packaged; do grep -q "/usr/bin/$tool\$" contents || { echo "$tool is not in the package"; exit 1; }; done
dpkg-deb -f "${deb[0]}" Depends | tee depends
for library in libcurl4 libmosquitto1 libpq5 libsimdjson; do grep -q "$library" depends || { echo "no dependency on $library"; exit 1; }; done
echo "package: $(basename "${deb[0]}"), $(stat -c %s "${deb[0]}") bytes"

# What is released is hardened: addresses are read-only after the start, the program itself is placed at random, stacks are guarded.
for tool in $tools; do
  readelf -dW "$WEIR_BIN/$tool" >dynamic
  readelf -lW "$WEIR_BIN/$tool" >segments
  readelf -hW "$WEIR_BIN/$tool" >header
  readelf -W --dyn-syms "$WEIR_BIN/$tool" >symbols
  grep -q 'BIND_NOW' dynamic && grep -q 'GNU_RELRO' segments || { echo "$tool has no full RELRO"; exit 1; }
  grep -q 'DYN (' header || { echo "$tool is not position independent"; exit 1; }
  grep -q '__stack_chk_fail' symbols || { echo "$tool has no stack protector"; exit 1; }
done
for tool in $tools; do readelf -W --dyn-syms "$WEIR_BIN/$tool"; done >symbols
grep -qE '__[a-z]+_chk@' symbols || { echo "nothing was built with FORTIFY_SOURCE"; exit 1; }
echo "hardened: RELRO, PIE, stack protector, FORTIFY_SOURCE"
