# The end of the tests of examples/water/retention, sourced: pipelines (water) and the server's own tasks (tasks) give the figures that
# retention-rows finds in the readings. The test has `rows_of WAY POLICY MEASUREMENT`, which asks the server, `end` and `fail`.
# shellcheck shell=bash disable=SC2154

all_there() { # all_there WAY
  local policy name
  while read -r policy name; do
    rows_of "$1" "$policy" "water_quality_$name" 2>query.err | jq -c '.time = (.timestamp | fromdate) | del(.timestamp)' >"$1-$name"
  done <<<$'minutes 1m\nhours 1h\ndays 1d'
  "$WEIR_SOURCE/tests/support/retention-rows" "$end" "$1" >"$1.same" 2>"$1.lacks" && return
  grep WRONG "$1.lacks" # which no waiting mends
}
for way in water tasks; do
  wait_until 60 all_there $way || fail "$(cat $way.lacks)"
  [ ! -s $way.lacks ] || fail "$(cat $way.lacks)"
done
cat water.same tasks.same
for name in 1m 1h 1d; do
  join -j 1 <(jq -cS 'del(.measurement)' water-$name | sort) <(jq -cS 'del(.measurement)' tasks-$name | sort) >both || fail "join"
  [ "$(wc -l <both)" -ge $(($(wc -l <water-$name) - 8)) ] || fail "the two ways differ in $name"
done
