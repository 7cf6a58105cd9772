#!/usr/bin/env bash
# labels: mqtt faults
# tools: mqtt-sub mqtt-pub csv-append
# timeout: 300
# mqtt-sub --state | csv-append --state under kill -9 while messages come: each message's row stands in the file once, in the order
# in which it was published, rejects are kept once, and the broker's session has lost nothing. Each kill falls at a random moment.
set -euo pipefail
source "$WEIR_SOURCE/tests/support/state.sh"
random_moments
start_mosquitto "max_inflight_messages 200"

# begin: the pipeline as one group; its stages' words go to words.
begin() {
  begin_group "export WEIR_STATE=$PARTS/state; mqtt-sub -t 'd/#' --topic-fields _,place --checkpoint-every 20ms | csv-append out.csv"
}

# --- the session begins; a retained message is there already, and comes once for all
echo '{"n":-1}' | mqtt-pub -t d/kept --retain
begin
wait_until 60 lines_in out.csv 2
echo "begun: the retained message is the first row"

# --- messages come all the time: numbers, and now and then what is no record
mkfifo numbers others
mqtt-pub -t d/some <numbers &
parts_pids+=("$!")
mqtt-pub -t d/other --payload p <others &
parts_pids+=("$!")
exec 5>numbers 6>others
kills=0
wanted=32
burst=250
while [ $kills -lt $wanted ]; do
  seq -f '{"n":%.0f}' $((kills * burst)) $((kills * burst + burst - 1)) >&5
  echo "{\"p\":\"no record $kills\"}" >&6
  kill_some mqtt-sub csv-append
  kills=$((kills + 1))
  begin
done
total=$((kills * burst))
wait_until 120 lines_in out.csv $((total + 2)) || fail "$(wc -l <out.csv) lines after $kills kills, expected $((total + 2))"
wait_until 60 lines_in state/mqtt-sub/rejects "$kills" || fail "$(wc -l <state/mqtt-sub/rejects) rejects after $kills kills"
kill -TERM -- "-$group"
wait_until 60 gone
{ printf 'n,place\n-1,kept\n'; seq -f '%.0f,some' 0 $((total - 1)); } | cmp - out.csv || fail "rows are lost, doubled or out of order"
jq -r .raw state/mqtt-sub/rejects | cmp - <(seq -f 'no record %.0f' 0 $((kills - 1))) || fail "rejects are lost or doubled"
echo "killed: $total messages through $kills kill -9, each once and in order; $kills rejects, each once"

# --- what is read from a spool that was touched is refused; so are other topics, and qualities that cannot promise this
refused() { # refused STATUS WORDS OPTION…
  local wanted=$1 words=$2 status=0
  shift 2
  mqtt-sub -t 'd/#' --topic-fields _,place --state "$PARTS/state" "$@" 2>err | csv-append --state "$PARTS/state" out.csv 2>>words ||
    status=${PIPESTATUS[0]}
  [ "$status" -eq "$wanted" ] || fail "exit $status, expected $wanted: $(cat err)"
  grep -qF -- "$words" err || fail "not said: $words, but $(cat err)"
}
refused 2 "--state needs --qos 1" --qos 0
refused 2 "--state needs --qos 1" --qos 2
refused 3 "was made with other options" -t e
last=$(printf '%s\n' state/mqtt-sub/spool/s-* | sort -t - -k 3 -n | tail -1)
[ -s "$last" ] || fail "the spool is empty"
printf 'X' | dd of="$last" bs=1 seek=20 conv=notrunc status=none
refused 3 "s-${last##*-} is damaged at byte"
echo "refused: QoS 0 and 2, another topic, a spool with a changed byte"
