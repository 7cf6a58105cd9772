#!/usr/bin/env bash
# pg-load --hypertable on PostgreSQL with a stand-in for TimescaleDB that keeps the calls: a hypertable for each table, its policies, once over
# restarts and kills; records without a time; a server without the extension; examples/smart-home with hypertables.
# labels: pg
# tools: pg-load csv-tail sensor-sim win-agg win-delta win-calc
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/state.sh"
start_postgres
source "$WEIR_SOURCE/tests/support/pg.sh"
cat >days.ndjson <<'END'
{"timestamp":"2026-07-01T00:00:00Z","name":"th1","value":20.5}
{"timestamp":"2026-07-02T00:00:00Z","name":"th1","value":21}
{"timestamp":"2026-07-01T00:00:00Z","name":"w1","value":0.25}
END

# 1. A server without TimescaleDB: wrong usage, and nothing is made.
exits 2 pg-load --table days --create --hypertable days.ndjson
same "no extension" "$(cat messages)" "pg-load: --hypertable: $PGUSER@$PGHOST:$PGPORT/$PGDATABASE has no TimescaleDB: pg_available_extensions does not name timescaledb (see pg-load --help)"
same "nothing is made" "$(sql "select to_regclass('days') is null")" t

# The server again, from a copy of its programs, which look for extensions beside themselves: there is the stand-in.
stop_postgres
version=$(basename "$(dirname "$PARTS_PG_BIN")")
mkdir -p "$PARTS/pg/lib/postgresql/$version" "$PARTS/pg/share/postgresql"
cp -r "$PARTS_PG_BIN" "$PARTS/pg/lib/postgresql/$version/bin"
cp -rs "/usr/lib/postgresql/$version/lib" "$PARTS/pg/lib/postgresql/$version/lib"
cp -rs "/usr/share/postgresql/$version" "$PARTS/pg/share/postgresql/$version"
cp "$WEIR_SOURCE/tests/support/timescale.sql" "$PARTS/pg/share/postgresql/$version/extension/timescaledb--0.sql"
printf "default_version = '0'\nrelocatable = false\nschema = 'scale'\n" >"$PARTS/pg/share/postgresql/$version/extension/timescaledb.control"
PARTS_PG_BIN=$PARTS/pg/lib/postgresql/$version/bin
pg_control start
calls() { sql "select call from scale.timescale_calls order by id"; }
forget() { sql 'truncate scale.timescale_calls'; }

# 2. A user who may not make the extension gets the server's answer. One who may has it, and a hypertable for each name.
sql 'create role reader login; grant create on schema public to reader'
PGUSER=reader exits 1 pg-load --table days --create --hypertable days.ndjson
same "no right to make it" "$(cat messages)" "pg-load: permission denied for database $PGDATABASE"
exits 0 pg-load --table '{name}_raw' --create --hypertable --chunk-interval 1d --drop-after 90d days.ndjson
same "hypertables" "$(calls | sort)" 'add_retention_policy th1_raw 90 days t
add_retention_policy w1_raw 90 days t
create_hypertable th1_raw timestamp 1 day
create_hypertable w1_raw timestamp 1 day'
same "rows" "$(sql 'select count(*), sum(value) from (select value from th1_raw union all select value from w1_raw) all_rows')" '3|41.75'

# 3. Again: the same calls, which change nothing. A late table comes with its first record.
forget
exits 0 pg-load --table '{name}_raw' --create --hypertable --chunk-interval 1h --drop-after 90d < <(printf '%s\n' '{"timestamp":"2026-07-03T00:00:00Z","name":"th1","value":1}' '{"timestamp":"2026-07-03T00:00:00Z","name":"mov1","value":1}')
same "again" "$(calls | sort)" 'add_retention_policy mov1_raw 90 days t
add_retention_policy th1_raw 90 days t
create_hypertable mov1_raw timestamp 01:00:00
create_hypertable th1_raw timestamp 01:00:00'
same "no notice of what is there" "$(cat messages)" ''

# 4. What a hypertable cannot take: a row without a time, a table with rows, a key without the time.
exits 0 pg-load --table th1_raw --create --hypertable --rejects rejects < <(printf '%s\n' '{"name":"th1","value":1}' '{"timestamp":null,"value":2}' '{"timestamp":"2026-07-04T00:00:00Z","value":3}')
same "rows without a time" "$(jq -r .reason rejects)" 'timestamp is missing, and --hypertable needs it
timestamp is null, and --hypertable needs it'
exits 0 pg-load --table plain --create days.ndjson
exits 1 pg-load --table plain --create --hypertable days.ndjson
same "a table with rows" "$(cat messages)" "pg-load: table \"plain\" is not empty (You can migrate data by specifying 'migrate_data => true' when calling this function.)"
sql 'create table yours (timestamp timestamptz, name text, value float)'
forget
exits 0 pg-load --table yours --create --hypertable days.ndjson
same "a table that pg-load has not made stays as it is" "$(calls)|$(sql 'select count(*) from yours')" '|3'
exits 0 pg-load --table latest --create --hypertable --upsert name,timestamp < <(cat days.ndjson days.ndjson)
same "--upsert with the time" "$(sql 'select count(*), sum(value) from latest')" '3|41.75'
exits 1 pg-load --table untimed --create --hypertable --type timestamp=text days.ndjson
same "a time that is text" "$(cat messages)" 'pg-load: column "timestamp" does not exist or cannot be a time'
same "not made" "$(sql "select to_regclass('untimed') is null")" t

# 5. Compression: its statement is TimescaleDB's own, so plain PostgreSQL refuses it. Where a table has it, the policy alone is added.
exits 1 pg-load --table squeezed --create --hypertable --upsert name,timestamp --compress-after 7d days.ndjson
same "ALTER TABLE" "$(cat messages)" 'pg-load: unrecognized parameter namespace "timescaledb"'
grep -q 'STATEMENT:  ALTER TABLE "squeezed" SET (timescaledb.compress, timescaledb.compress_segmentby = '"'"'"name"'"'"');' "$PARTS_PG/log" || fail "another statement: $(tail -n 3 "$PARTS_PG/log")"
same "all or nothing" "$(sql "select to_regclass('squeezed') is null")" t
sql 'update scale.timescale_tables set compressed = true'
forget
exits 0 pg-load --table latest --create --hypertable --upsert name,timestamp --compress-after 36h days.ndjson
same "the policy" "$(calls)" 'create_hypertable latest timestamp 7 days
add_compression_policy latest 36:00:00 t'

# 6. The smart home, its raw readings in hypertables.
forget
SOURCE='sensor-sim --smart-home --count 1400' RAW='--hypertable --chunk-interval 1w' "$WEIR_SOURCE/examples/smart-home/smart-home.sh" 2>words || fail "the smart home"
same "a hypertable a sensor" "$(calls | sort)" "$(printf 'create_hypertable "%s_raw" timestamp 7 days\n' TH1 TH2 HVAC1 HVAC2 MiAC1 MiAC2 W1 Mov1 Etot Wtot | sort)"

# 7. Kills: each row once in a hypertable that is made once.
awk 'BEGIN { print "id,v,timestamp"; for (i = 1; i <= 3000; i++) printf "%d,%d,2026-07-01T%02d:%02d:%02dZ\n", i, i, i / 3600, i / 60 % 60, i % 60 }' >rows.csv
kills --state s1 --kills 6 --step 2 --seed 11 --grow rows.csv rows1.csv \
  "csv-tail --checkpoint-records 200 rows1.csv | pg-load --table killed --create --hypertable --chunk-interval 1h" >did || fail "$(cat did)"
same "under kills" "$(sql 'select count(*), count(distinct id), sum(v) from killed')" "3000|3000|$((3000 * 3001 / 2))"
same "one hypertable" "$(sql "select count(*) from scale.timescale_tables where relation = 'killed'::regclass")" 1
echo "$shown checks; $(cat did)"
