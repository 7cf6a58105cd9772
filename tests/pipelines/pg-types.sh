#!/usr/bin/env bash
# pg-load against a real server: types by the values, columns that get wider, --newest, local times, and records that a database does not expect.
# labels: pg
# tools: pg-load csv-tail pipe-via
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
start_quick_postgres
source "$WEIR_SOURCE/tests/support/pg.sh"
export PGTZ=UTC

lines() { printf '%s\n' "$@"; }
rejected_lines() { sed 's/.*"line":\([0-9]*\).*/\1/' "$1" | sort -n | xargs; }

# --- a column is made by its first value, however small the batches -----------------------------------------------------------------
lines '{"timestamp":"2026-05-01T10:00:00Z","dev":"a","humidity":null,"temp":20.5,"door":null}' \
  '{"timestamp":"2026-05-01T10:01:00Z","dev":"a","humidity":9,"temp":20.6,"door":true}' \
  '{"timestamp":"2026-05-01T10:02:00Z","dev":"a","humidity":55.5,"temp":"unavailable","door":false}' \
  '{"timestamp":"2026-05-01T10:03:00Z","dev":"a","humidity":100,"temp":21,"door":false}' >live.ndjson
for batch in 1 10000; do
  exits 1 pg-load --table live$batch --create --batch $batch live.ndjson
  same "types, batch $batch" "$(types_of live$batch)" "timestamp timestamp with time zone, dev text, temp double precision, humidity bigint, door boolean"
  same "values, batch $batch" "$(sql "select humidity, temp, door from live$batch order by timestamp")" '|20.5|
9|20.6|t
100|21|f'
  same "what is left out, batch $batch" "$(head -1 messages)" 'pg-load: live.ndjson: line 3: temp "unavailable" is not a number'
done
exits 0 pg-load --table asked --create --type temp=text live.ndjson
same "text, if the user wants it" "$(sql "select string_agg(temp, ' ' order by timestamp) from asked")" "20.5 20.6 unavailable 21"

# --- digits: a column gets wider, also in a later run, and never rounds -------------------------------------------------------------
lines '{"id":1,"trade":"a","amount":10.5}' '{"id":2,"trade":"b","amount":11}' '{"id":3,"trade":"c","amount":12345678901234567.123456789}' \
  '{"id":9007199254740993,"trade":"d","amount":0.1234567890123456789}' >trades.ndjson
for batch in 1 2 10000; do
  exits 0 pg-load --table trades$batch --create --batch $batch trades.ndjson
  same "digits, batch $batch" "$(sql "select id, amount from trades$batch order by trade")" '1|10.5
2|11
3|12345678901234567.123456789
9007199254740993|0.1234567890123456789'
done
for value in 1 9007199254740993 2.5 0.1 9223372036854775808; do exits 0 pg-load --table runs --create <<<"{\"v\":$value}"; done
same "wider from run to run" "$(types_of runs): $(sql "select string_agg(v::text, ' ' order by v) from runs")" "v numeric: 0.1 1 2.5 9007199254740993 9223372036854775808"
for value in 1 2.5; do exits 0 pg-load --table small --create <<<"{\"v\":$value}"; done
same "whole numbers that a double holds" "$(types_of small)" "v double precision"
for batch in 2 10000; do
  exits 0 pg-load --table keys$batch --create --batch $batch --upsert id < <(lines '{"id":1,"v":1}' '{"id":2.5,"v":2}' '{"id":9007199254740992,"v":3}' '{"id":9007199254740993,"v":4}')
  same "keys that differ in the last digit, batch $batch" "$(sql "select id, v from keys$batch order by v")" '1|1
2.5|2
9007199254740992|3
9007199254740993|4'
done
# Several at once, which see different values first.
for round in 1 2 3; do
  loaders=()
  for value in 1 2.5 90071992547409 0.1 7 1e400; do
    pg-load --table "shared$round" --create --add-columns <<<"{\"v\":$value,\"f$((RANDOM % 3))\":$value}" 2>"shared.$value" &
    loaders+=("$!")
  done
  for loader in "${loaders[@]}"; do wait "$loader" || { cat shared.*; exit 1; }; done
  same "several loaders at once" "$(sql "select count(*), sum(v) = 90071992547419.6 + '1e400'::numeric from shared$round")" "6|t"
done
sql 'create table theirs (d double precision, n numeric(6,2), i integer, t timestamp(3))'
lines '{"d":0.1,"n":20.10,"i":7.0,"t":"2026-01-01T00:00:00.123Z"}' '{"d":9007199254740993}' '{"n":20.125}' '{"i":7.5}' '{"t":"2026-01-01T00:00:00.1234Z"}' >theirs.ndjson
rm -f rejects
exits 0 pg-load --table theirs --create --rejects rejects theirs.ndjson
same "a table that the user has made is not changed, nor its values" "$(types_of theirs): $(sql 'table theirs')" \
  "d double precision, n numeric(6,2), i integer, t timestamp(3) without time zone: 0.1|20.10|7|2026-01-01 00:00:00.123"
same "what it cannot hold" "$(rejected_lines rejects)" "2 3 4 5"
exits 1 pg-load --table theirs --round theirs.ndjson
same "--round" "$(sql 'select count(*), max(n) from theirs')" "5|20.13"
same "but no whole numbers" "$(head -1 messages)" 'pg-load: theirs.ndjson: line 4: i 7.5 is not a whole number of 64 bits'
exits 0 pg-load --table fixed --create --type v=bigint <<<'{"v":1}'
exits 1 pg-load --table fixed --create <<<'{"v":2.5}'
same "nor a column with a --type" "$(types_of fixed)" "v bigint"
exits 0 pg-load --table runs --create --type v=text <<<'{"v":"none"}'
same "a --type in a later run" "$(types_of runs): $(sql 'select count(*), max(v) from runs')" "v text: 6|none"
sql 'create table seen (v bigint)'
sql "create view of_small as select v from small"
exits 1 pg-load --table small --create < <(lines '{"v":9007199254740993}' '{"v":3}')
same "what the server does not change is a reject" "$(sed -n '1s/:.*//p' messages) $(grep -c 'view' messages) $(sql 'select count(*) from small')" "pg-load 1 3"

# --- times: instants in every session, local days, clock changes ------------------------------------------------------------------------
now=$(date -u -d '30 minutes ago' +%Y-%m-%dT%H:%M:%SZ)
exits 0 pg-load --table moments --create <<<"{\"window_start\":\"$now\",\"timestamp\":\"$now\",\"since\":\"$now\"}"
for zone in UTC Europe/Athens America/New_York; do
  same "the last hour in $zone" "$(PGTZ=$zone sql "select count(*) from moments where window_start > now() - interval '1 hour' and window_start <= now() and timestamp = since")" 1
done
sql 'create table days (n int, d date)'
lines '{"n":1,"d":"2026-01-01T00:30:00+02:00"}' '{"n":2,"d":"2025-12-31T23:30:00Z"}' '{"n":3,"d":1767223800}' '{"n":4,"d":"2026-01-01 00:10:00"}' '{"n":5,"d":"2026-02-03"}' >days.ndjson
exits 0 pg-load --table days days.ndjson
same "the day of the offset" "$(sql "select string_agg(d::text, ' ' order by n) from days")" "2026-01-01 2025-12-31 2025-12-31 2026-01-01 2026-02-03"
sql 'truncate days'
exits 0 pg-load --table days --tz Europe/Berlin days.ndjson
same "the day of --tz" "$(sql "select string_agg(d::text, ' ' order by n) from days")" "2025-12-31 2026-01-01 2026-01-01 2026-01-01 2026-02-03"

# A night of each change, a record every quarter of an hour of local time. Python's zoneinfo says what they mean.
/usr/bin/python3 - <<'END' >nights
import json
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo
for zone, days in {"Europe/Berlin": ("2026-03-29", "2026-10-25"), "America/New_York": ("2026-03-08", "2026-11-01"), "Australia/Lord_Howe": ("2026-04-05", "2026-10-04")}.items():
    for day in days:
        at = datetime.fromisoformat(day)
        for quarter in range(20):
            local = at + timedelta(minutes=15 * quarter)
            both = [local.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(timezone.utc) for fold in (0, 1)]
            exists = both[0].astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local
            meant = {"first": both[0], "last": both[1], "reject": both[0] if both[0] == both[1] else None}
            for fold, utc in meant.items():
                print(zone, fold, str(local).replace(" ", "T"), utc.isoformat() if exists and utc else "-")
END
for zone in Europe/Berlin America/New_York Australia/Lord_Howe; do
  for fold in first last reject; do
    sql 'drop table if exists nights' 2>/dev/null
    awk -v z=$zone -v f=$fold '$1 == z && $2 == f {print "{\"timestamp\":\"" $3 "\",\"local\":\"" $3 "\"}"}' nights >night.ndjson
    rm -f rejects
    exits 0 pg-load --table nights --create --tz $zone --fold $fold --rejects rejects night.ndjson
    same "$zone, --fold $fold" "$(sql "select local, to_char(timestamp, 'YYYY-MM-DD\"T\"HH24:MI:SS') || '+00:00' from nights order by local" | tr '|' ' ')" \
      "$(awk -v z=$zone -v f=$fold '$1 == z && $2 == f && $4 != "-" {print $3, $4}' nights | sort)"
    same "$zone, --fold $fold: rejects" "$(wc -l <rejects)" "$(awk -v z=$zone -v f=$fold '$1 == z && $2 == f && $4 == "-"' nights | wc -l)"
  done
done
grep -q 'does not exist in Australia/Lord_Howe' rejects
grep -q 'comes twice in Australia/Lord_Howe; --fold' rejects

# --- the same key in a batch ----------------------------------------------------------------------------------------------------------
lines '{"timestamp":"2026-05-01T10:00:00Z","sn":"0001","status":"RAW","qty":null}' '{"timestamp":"2026-05-01T10:00:05Z","sn":"0002","status":"RAW","qty":3}' \
  '{"timestamp":"2026-05-01T10:00:09Z","sn":"0001","status":"SHIPPED","qty":7}' '{"timestamp":"2026-05-01T10:00:08Z","sn":"0001","status":"PACKED","qty":5}' \
  '{"timestamp":"2026-05-01T10:00:10Z","sn":null,"status":"RAW","qty":1}' '{"timestamp":"2026-05-01T10:00:11Z","sn":"0002","status":"DONE"}' \
  '{"sn":"0002","status":"LATER"}' >parts.ndjson
for batch in 1 3 10000; do
  exits 1 pg-load --table last$batch --create --batch $batch --upsert sn parts.ndjson
  same "the last wins, batch $batch" "$(sql "select sn, status, qty from last$batch order by 1")" '0001|PACKED|5
0002|LATER|'
  exits 1 pg-load --table newest$batch --create --batch $batch --upsert sn --newest timestamp parts.ndjson
  same "the newest wins, batch $batch" "$(sql "select sn, status, qty from newest$batch order by 1")" '0001|SHIPPED|7
0002|DONE|'
  grep -q 'line 7: timestamp is missing, and --newest needs it' messages
  exits 1 pg-load --table newest$batch --upsert sn --newest timestamp < <(tac parts.ndjson)
  same "in the other order, batch $batch" "$(sql "select sn, status from newest$batch order by 1")" '0001|SHIPPED
0002|DONE'
done
exits 2 pg-load --table last1 --newest timestamp </dev/null
exits 1 pg-load --table last1 --upsert sn --newest nothing </dev/null
same "no such column" "$(cat messages)" "pg-load: --newest: last1 has no column nothing"

# --- records that would stop a load -----------------------------------------------------------------------------------------------------
lines '{"city":"good","v":1}' '{"city":"good","v":2}' '{"city":"mallory","ctid":1}' '{"city":"weir_epoch","v":1}' '{"city":"pg_class","relname":"x"}' \
  '{"city":"good_index","v":1}' '{"city":"no_right","v":1}' '{"city":"keyless","v":1}' '{"city":"good","v":3}' >cities.ndjson
sql 'create table indexed (v int); create index good_index on indexed (v); create table keyless (v int, city text); create table weir_epoch (v int, city text)
  ; create table no_right (v int, city text); create role guest login; grant all on schema public to guest; grant select on no_right to guest'
for batch in 1 10000; do
  rm -f rejects
  PGUSER=guest exits 0 pg-load --table '{city}' --create --upsert v --batch $batch --rejects rejects cities.ndjson
  same "tables named by records, batch $batch" "$(sql 'select count(*) from good; drop table good'): $(rejected_lines rejects)" "3: 3 4 5 6 7 8"
  rm -f rejects
  PGUSER=guest exits 0 pg-load --table '{city}' --batch $batch --create --rejects rejects cities.ndjson
  same "and with plain rows, batch $batch" "$(sql 'select count(*) from good; drop table good'): $(rejected_lines rejects)" "3: 3 4 5 6 7 8"
done
sql "create table policed (v int); alter table policed enable row level security; create policy few on policed to guest using (true) with check (v < 10);
  create unique index on policed (v); grant all on policed to guest"
rm -f rejects
PGUSER=guest exits 0 pg-load --table policed --upsert v --rejects rejects < <(seq 8 12 | sed 's/.*/{"v":&}/')
same "a policy" "$(sql 'select count(*) from policed'): $(rejected_lines rejects)" "2: 3 4 5"
PGUSER=guest exits 1 pg-load --table no_right <<<'{"v":1}'
same "no right to the table is no row's fault" "$(cat messages)" "pg-load: the server refuses to load: permission denied for table no_right"
exits 1 pg-load --table '{city}' --max-columns 2 --create < <(lines '{"city":"wide","a":1,"b":2}' '{"city":"wide","a":1}' '{"city":"wide","b":1}')
same "--max-columns" "$(types_of wide): $(sql 'select count(*) from wide')" "city text, a bigint: 1"
sql 'drop table weir_epoch'

# A name that the database's encoding lacks: the table is made without it.
createdb -E LATIN1 --locale=C -T template0 latin
rm -f rejects
exits 0 pg-load --dsn dbname=latin --table t --create --upsert k --rejects rejects < <(lines '{"k":1,"ä":1}' '{"k":2,"気温":1}' '{"k":3,"気温":null,"b":2}' '{"k":4,"ä":"°"}' '{"k":5,"b":3}')
same "a name that cannot be a column" "$(PGCLIENTENCODING=UTF8 PGDATABASE=latin psql -XqAtc 'select k, "ä", b from t order by k'): $(rejected_lines rejects)" "1|1|
3||2
5||3: 2 4"

# --- whatever comes, in = rows + rejects; what is stored is what came ---------------------------------------------------------------------
"$WEIR_SOURCE/tests/support/odd-records" 1500 "${WEIR_SEED:-7}" >odd.ndjson
count=$(wc -l <odd.ndjson)
sql 'create table raw (number bigserial, line text)'
jq -Rc '{line: .}' odd.ndjson | pg-load --table raw
# stored TABLE: each value of each row against the record's own text; the server's json is the oracle.
stored() {
  local column type expression
  psql -qAt -F $'\x01' -c "select quote_ident(attname), quote_literal(attname), format_type(atttypid, atttypmod) from pg_attribute where attrelid = '$1'::regclass and attnum > 0 and not attisdropped" |
    while IFS=$'\x01' read -r column name type; do
      case $type in
        bigint | numeric | 'double precision') expression="o.$column::text::numeric = (j->>$name)::numeric" ;;
        jsonb) expression="o.$column = (j->$name)::jsonb" ;;
        'timestamp with time zone') expression="o.$column = case when json_typeof(j->$name) = 'number' then to_timestamp((j->>$name)::float8) else (j->>$name)::timestamptz end" ;;
        *) expression="o.$column::text = j->>$name" ;;
      esac
      sql "select count(*) from $1 o join (select line::json as j from raw where line !~ 'ud800|u0000\"' ) r on (j->>'id')::bigint = o.id where case when j->>$name is null then o.$column is not null else ($expression) is not true end"
    done | paste -sd+ | bc
}
for way in '--batch 1' '--batch 7' '--batch 10000' '--upsert id --batch 100'; do
  sql 'drop table if exists odd' 2>/dev/null
  rm -f rejects
  # shellcheck disable=SC2086
  exits 0 pg-load --table odd --create $way --rejects rejects odd.ndjson
  same "in = rows + rejects, $way" "$(($(sql 'select count(*) from odd') + $(wc -l <rejects)))" "$count"
  same "each once, $way" "$(sql 'select count(distinct id) = count(*) from odd') $(jq -r .line rejects | sort | uniq -d | wc -l)" "t 0"
  same "every value as it came, $way" "$(stored odd)" 0
  outcome="$(types_of odd) $(sql "select md5(string_agg(id::text, ' ' order by id)) from odd") $(jq -r .line rejects | sort -n | md5sum)"
  same "the same outcome for all batches, $way" "$outcome" "${first:=$outcome}"
done
echo "odd records: $count in, $(sql 'select count(*) from odd') rows of $(types_of odd | tr -cd , | wc -c) columns, $(wc -l <rejects) rejects, however they are loaded"

# The same in epochs: csv-tail and pipe-via bring the records, which are text in a table of their own.
{ echo 'raw'; grep -v 'ud800\|u0000' odd.ndjson | sed 's/"/""/g; s/.*/"&"/'; } >odd.csv
csv-tail --state s --checkpoint-records 90 odd.csv | pipe-via --state s -- jq -c --unbuffered '.raw | fromjson' | pg-load --state s --table epochs --create 2>messages || true
same "epochs: in = rows + rejects" "$(($(sql 'select count(*) from epochs') + $(wc -l <s/pg-load/rejects)))" "$(($(wc -l <odd.csv) - 1))"
echo "pg-load's types: $shown checks"
