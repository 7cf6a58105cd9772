# What the tests of examples/water/retention share, sourced: pipelines (water) and the server's own tasks (tasks) give the figures that
# retention-rows finds in the readings. The test has `rows_of WAY POLICY MEASUREMENT`, which asks the server, and `fail`.
# shellcheck shell=bash disable=SC2154

# Readings of the last 60 hours, two a minute for each of four series, some missing, and one that is too old. Sums are exact in binary.
make_readings() {
  end=$(($(date +%s) / 60 * 60))
  awk -v end="$end" 'BEGIN { srand(5); for (at = end - 216000; at < end; at += 30) for (n = 0; n < 4; n++) if (rand() < 0.97)
    printf "{\"timestamp\":%d,\"plantId\":\"%s\",\"parameter\":\"%s\",\"value\":%.2f}\n", at + n, n < 2 ? "north" : "south", n % 2 ? "pH" : "BOD", int(rand() * 400) / 4
    printf "{\"timestamp\":%d,\"plantId\":\"north\",\"parameter\":\"pH\",\"value\":1}\n", end - 8 * 86400 }' >readings.ndjson
}

all_there() { # all_there WAY
  local policy name
  while read -r policy name; do
    rows_of "$1" "$policy" "water_quality_$name" 2>query.err | jq -c '.time = (.timestamp | fromdate) | del(.timestamp)' >"$1-$name"
  done <<<$'minutes 1m\nhours 1h\ndays 1d'
  "$WEIR_SOURCE/tests/support/retention-rows" "$end" "$1" >"$1.same" 2>"$1.lacks" && return
  grep WRONG "$1.lacks" # which no waiting mends
}

compare_ways() {
  local way name
  for way in water tasks; do
    wait_until 60 all_there $way || fail "$(cat $way.lacks)"
    [ ! -s $way.lacks ] || fail "$(cat $way.lacks)"
  done
  cat water.same tasks.same
  for name in 1m 1h 1d; do
    join -j 1 <(jq -cS 'del(.measurement)' water-$name | sort) <(jq -cS 'del(.measurement)' tasks-$name | sort) >both || fail "join"
    [ "$(wc -l <both)" -ge $(($(wc -l <water-$name) - 8)) ] || fail "the two ways differ in $name"
  done
}
