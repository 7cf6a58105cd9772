# shellcheck shell=bash
# The programs of other systems that benchmarks run beside weir. Sourced after tests/support/begin.sh.
rivals=$WEIR_SOURCE/tests/bench/rivals

# build_rival NAME: prints the folder with its jars (libs), which come from Maven Central once, and its program compiled (classes).
build_rival() {
  local folder=${WEIR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/weir}/bench-$1
  local sources=("$rivals/$1"/*.java "$rivals"/common/*.java)
  mkdir -p "$folder"
  (
    flock 9
    cd "$folder"
    if ! [ -e complete ] || ! cmp -s "$rivals/$1/pom.xml" pom.xml; then
      echo "bench: the jars for $1 are downloaded into $folder" >&2
      rm -rf complete libs
      cp "$rivals/$1/pom.xml" pom.xml
      mvn -q -B dependency:copy-dependencies -DoutputDirectory=libs -DincludeScope=runtime >maven.log 2>&1 ||
        { cat maven.log >&2; echo "bench: the jars for $1 could not be downloaded" >&2; exit 1; }
      touch complete
    fi
  ) 9>"$folder/lock" || return 1
  mkdir -p "$PARTS/$1"
  ln -s "$folder/libs" "$PARTS/$1/libs"
  javac -d "$PARTS/$1/classes" -cp "$folder/libs/*" "${sources[@]}"
  echo "$PARTS/$1"
}
