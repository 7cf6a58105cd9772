#!/usr/bin/env bash
# pg-load against a real server: types, new tables and columns, refused rows, --upsert, identifiers, one table a value.
# labels: pg
# tools: pg-load
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
start_postgres
source "$WEIR_SOURCE/tests/support/pg.sh"

# --- a new table by its records -----------------------------------------------------------------------------------------------------
cat >mixed.ndjson <<'END'
{"ts":"2026-01-01T00:30:00+02:00","n":1,"big":1499816949527975237,"exact":0.12345678901234567890,"b":true,"s":"tab\there\nand \\ and \"quotes\"","o":{"a":[1,2]},"none":null}
{"ts":"2026-01-01 00:30:00.5","n":2.5,"big":1,"exact":1,"b":false,"s":"\\N","o":[1,"\t"],"none":null}
{"ts":1767225600,"n":null,"s":"Zürich \u00fc \ud83c\udf27","o":"text"}
END
exits 0 pg-load --table made --create --time ts --tz Europe/Zurich mixed.ndjson
same "types by the records" "$(types_of made)" "ts timestamp with time zone, n double precision, big bigint, exact numeric, b boolean, s text, o jsonb"
same "values" "$(sql "set timezone to 'UTC'; select ts, n, big, exact, b, o::text from made order by ts")" "2025-12-31 22:30:00+00|1|1499816949527975237|0.12345678901234567890|t|{\"a\": [1, 2]}
2025-12-31 23:30:00.5+00|2.5|1|1|f|[1, \"\\t\"]
2026-01-01 00:00:00+00|||||\"text\""
same "strings byte for byte" "$(sql "select count(*) from made where s in (E'tab\there\nand \\\\ and \"quotes\"', E'\\\\N', E'Zürich ü 🌧')")" 3
exits 0 pg-load --table typed --create --type id=bigint --type 'note=varchar(5)' <<<'{"id":1499816949527975237,"note":"x"}'
same "types by --type" "$(types_of typed)" "id bigint, note character varying(5)"
exits 1 pg-load --table "bad" --create --type x=nosuchtype <<<'{"x":1}'
same "the server's message for a bad type" "$(cat messages)" 'pg-load: type "nosuchtype" does not exist'
exits 1 pg-load --table nowhere <<<'{"x":1}'
same "no table" "$(cat messages)" 'pg-load: there is no table nowhere; --create makes it'

# --- the columns of a table that is there ---------------------------------------------------------------------------------------------
sql "create domain percent as smallint check (value between 0 and 100);
     create table there (t timestamptz, d date, i integer, h percent, txt text, j json, u uuid, dflt text default 'as ever', ok boolean, gen int generated always as (i * 2) stored)"
cat >there.ndjson <<'END'
{"t":"2026-01-01T00:30:00+02:00","d":"2026-01-01T00:30:00+02:00","i":75.0,"h":55.0,"txt":1.500,"j":{"a": 1.0},"u":"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11","ok":true}
{"t":null,"d":"2026-01-02","i":-0.0,"h":0,"txt":true,"j":"s","u":null,"ok":0}
END
exits 0 pg-load --table public.there there.ndjson
same "values into the types of the catalogue" "$(sql "set timezone to 'UTC'; select * from there order by i desc")" \
'2025-12-31 22:30:00+00|2026-01-01|75|55|1.500|{"a": 1.0}|a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|as ever|t|150
|2026-01-02|0|0|true|"s"||as ever|f|0'
sql 'create table epochs (timestamp timestamp, at timestamptz)'
exits 0 pg-load --table epochs --time-unit ms <<<'{"timestamp":1767225600250,"at":1767225600250}'
same "epochs by --time-unit" "$(sql "set timezone to 'UTC'; table epochs")" "2026-01-01 00:00:00.25|2026-01-01 00:00:00.25+00"

# --- what cannot be stored goes to the rejects, the rest is loaded ----------------------------------------------------------------------
sql "create table strict (id int primary key, v varchar(3) not null check (v <> 'bad'), parent int references strict)"
sql "create function no_teens() returns trigger language plpgsql as \$\$ begin if new.id between 13 and 19 then raise exception 'no teens: %', new.id; end if; return new; end \$\$;
     create trigger t before insert on strict for each row execute function no_teens()"
{
  seq 1 30 | awk '{printf "{\"id\":%d,\"v\":\"%d\"}\n", $1, $1}'
  cat <<'END'
{"id":30,"v":"two"}
{"id":31,"v":"long"}
{"id":32,"v":null}
{"id":33}
{"id":34,"v":"bad"}
{"id":1.5,"v":"x"}
{"id":"seven","v":"x"}
{"id":35,"v":"ok","parent":999}
{"id":36,"v":"ok","parent":36}
{"id":37,"v":"\u0000"}
{"id":38,"v":"x","extra":1}
not json
{"id":39,"v":"x"}
END
} >strict.ndjson
for batch in 10000 7 1; do
  rm -f rejects
  sql 'truncate strict'
  exits 0 pg-load --table strict --batch $batch --rejects rejects strict.ndjson
  same "refused rows by their line, batch $batch" "$(sed 's/.*"line":\([0-9]*\).*/\1/' rejects | sort -n | tr '\n' ' ')" "13 14 15 16 17 18 19 31 32 33 34 35 36 37 38 40 41 42 "
  same "the other rows, batch $batch" "$(sql 'select count(*), sum(id), min(v), max(parent) from strict')" "25|$((30 * 31 / 2 - 112 + 36 + 39))|1|36"
  same "the first of a key stays" "$(sql 'select v from strict where id = 30')" 30
done
grep -q '"reason":"duplicate key value violates unique constraint \\"strict_pkey\\": Key (id)=(30) already exists."' rejects
grep -q '"reason":"value too long for type character varying(3) (column v)"' rejects
grep -q '"reason":"no teens: 13"' rejects
grep -q 'holds NUL, which PostgreSQL cannot store"' rejects
grep -q '"reason":"strict has no column extra"' rejects
exits 1 pg-load --table strict <<<'{"id":1,"v":"x"}'  # without --rejects
same "a refused row is shown" "$(head -1 messages)" 'pg-load: line 1: duplicate key value violates unique constraint "strict_pkey": Key (id)=(1) already exists.'
# Half of 20,000 rows are bad, in runs and alone; the table says exactly which.
sql 'create table many (id int, v int check (v >= 0))'
seq 20000 | awk '{bad = (int($1 / 50) % 2) ? ($1 % 3 != 0) : ($1 % 7 == 0); printf "{\"id\":%d,\"v\":%s}\n", $1, bad ? ($1 % 2 ? "-1" : "\"x\"") : $1}' >many.ndjson
rm -f rejects
exits 0 pg-load --table many --rejects rejects many.ndjson
same "good rows" "$(sql 'select count(*), sum(id) from many')" "$(grep -vE -- '"v":(-1|"x")' many.ndjson | tr -dc '0-9\n,' | awk -F, '{n++; s += $1} END {print n "|" s}')"
same "bad rows" "$(wc -l <rejects)" "$(grep -cE -- '"v":(-1|"x")' many.ndjson)"
echo "refused rows: $(wc -l <rejects) of 20000, each one found, the others loaded"
# A constraint that speaks only at COMMIT.
sql 'create table late (id int unique deferrable initially deferred)'
exits 1 pg-load --table late < <(seq 1 20 | awk '{printf "{\"id\":%d}\n", $1 % 18}')
same "deferred constraint" "$(sql 'select count(*), count(distinct id) from late')" "18|18"
exits 1 pg-load --table many --strict many.ndjson
same "--strict" "$(tail -1 messages)" "pg-load: stopped at the first record that cannot be used (--strict)"

# --- fields without a column ------------------------------------------------------------------------------------------------------------
sql 'create table narrow (a int)'
exits 0 pg-load --table narrow --ignore-extra <<<'{"a":1,"b":2}'
exits 0 pg-load --table narrow --add-columns --type d=bigint < <(printf '%s\n' '{"a":2}' '{"a":3,"c":null}' '{"a":4,"b":"x","d":1499816949527975237}' '{"b":"y","a":5,"c":{"x":1}}' '{"a":6}')
same "--add-columns" "$(types_of narrow)" "a integer, b text, d bigint, c jsonb"
same "rows before and after a new column" "$(sql 'select * from narrow order by a')" '1|||
2|||
3|||
4|x|1499816949527975237|
5|y||{"x": 1}
6|||'

# --- --upsert ---------------------------------------------------------------------------------------------------------------------------
exits 0 pg-load --table latest --create --upsert k,j --type k=int < <(printf '%s\n' '{"k":1,"j":"a","v":"old"}' '{"k":2,"j":"a","v":"old"}' '{"k":1,"j":"a","v":"new"}')
same "the last of a key in a batch" "$(sql 'select * from latest order by k')" '1|a|new
2|a|old'
same "the unique index" "$(sql "select indexdef from pg_indexes where tablename = 'latest'")" "CREATE UNIQUE INDEX latest_k_j_idx ON public.latest USING btree (k, j)"
rm -f rejects
exits 0 pg-load --table latest --upsert j,k --batch 2 --rejects rejects < <(printf '%s\n' '{"k":2,"j":"a","v":"newer"}' '{"k":3,"j":"a","v":"first"}' '{"k":null,"j":"a","v":"x"}' '{"j":"a","v":"x"}' '{"k":3,"j":"a","v":"last"}' '{"k":4,"j":"a"}' '{"k":"no","j":"a"}' '{"k":2,"j":"a","v":null}')
same "updates" "$(sql 'select * from latest order by k')" '1|a|new
2|a|
3|a|last
4|a|'
same "rows that --upsert cannot take" "$(sed 's/{"reason":"\([^"\\]*\).*/\1/' rejects)" 'k is null, and --upsert needs it
k is missing, and --upsert needs it
k '
# Keys that differ as text and are one to the server.
sql 'create table numbers (k numeric primary key, v text, seen timestamptz default now())'
exits 0 pg-load --table numbers --upsert k < <(printf '%s\n' '{"k":1.0,"v":"a"}' '{"k":1,"v":"b"}' '{"k":1.00,"v":"c"}' '{"k":2,"v":"d"}')
same "one key in several spellings" "$(sql 'select v, seen is not null from numbers order by k')" 'c|t
d|t'
before=$(sql 'select string_agg(xmin::text, chr(44) order by k) from numbers')
exits 0 pg-load --table numbers --upsert k < <(printf '%s\n' '{"k":1,"v":"c"}' '{"k":2,"v":"d"}')
same "a row that stays the same is not written" "$(sql 'select string_agg(xmin::text, chr(44) order by k) from numbers')" "$before"
exits 1 pg-load --table numbers --upsert v <<<'{"k":1,"v":"x"}'
same "no unique index" "$(cat messages)" "pg-load: --upsert needs a unique index on (v) of numbers, and there is none: CREATE UNIQUE INDEX makes it"
exits 1 pg-load --table numbers --upsert nokey <<<'{"k":1,"v":"x"}'
same "no such key" "$(cat messages)" "pg-load: --upsert: numbers has no column nokey"

# --- names ------------------------------------------------------------------------------------------------------------------------------
victim() { sql "select count(*) from numbers"; }
exits 0 pg-load --table '"x""; drop table numbers; --"' --create <<<'{"a\"); drop table numbers; --":1,"select":2,"Ünï cödé":3,"A":4,"a":5}'
same "odd names are names" "$(sql "select count(*) from pg_class where relname = 'x\"; drop table numbers; --'")|$(victim)" "1|2"
exits 0 pg-load --table '"x""; drop table numbers; --"' --add-columns <<<'{"b\"; drop table numbers":"1'"'"'); drop table numbers; --"}'
same "and columns too" "$(victim)" 2
sql 'create schema "Plant A"; create table "Plant A"."Raw.1" (a int)'
exits 0 pg-load --table '"Plant A"."Raw.1"' <<<'{"a":1}'
same "a schema and a dot in a name" "$(sql 'select count(*) from "Plant A"."Raw.1"')" 1

# --- one table a value ------------------------------------------------------------------------------------------------------------------
rm -f rejects
cat >values.ndjson <<'END'
{"name":"pump","v":1}
{"name":"fan","v":2}
{"name":"pump","v":3}
{"name":"x\"; drop table numbers; --","v":4}
{"name":"pg_catalog.pg_class","v":5}
{"name":null,"v":6}
{"v":7}
{"name":"gate","v":8}
{"name":"valve","v":9}
END
exits 0 pg-load --table '{name}_raw' --create --max-tables 3 --rejects rejects values.ndjson
same "tables by value" "$(sql "select string_agg(relname, ' ' order by relname) from pg_class where relname ~ '_raw\$' and relkind = 'r'")" "fan_raw gate_raw pump_raw"
same "rows by value" "$(sql 'select (select sum(v) from pump_raw), (select sum(v) from fan_raw), (select sum(v) from gate_raw)')" "4|2|8"
same "what names no table" "$(sed 's/.*"line":\([0-9]*\).*/\1/' rejects | sort -n | tr '\n' ' ')" "4 5 6 7 9 "
rm -f rejects
exits 0 pg-load --table 'public.{name}_raw' --rejects rejects values.ndjson
same "without --create only what is there" "$(sed 's/.*"line":\([0-9]*\).*/\1/' rejects | sort -n | tr '\n' ' ')" "4 5 6 7 9 "

# --- the connection ---------------------------------------------------------------------------------------------------------------------
exits 0 env -u PGHOST -u PGPORT -u PGUSER -u PGDATABASE "$WEIR_BIN/pg-load" --table narrow --dsn "postgresql://$PGUSER@$PGHOST:$PGPORT/$PGDATABASE?sslmode=disable" <<<'{"a":100}'
printf '[mine]\nhost=%s\nport=%s\nuser=%s\ndbname=%s\n' "$PGHOST" "$PGPORT" "$PGUSER" "$PGDATABASE" >service.conf
exits 0 env -u PGHOST -u PGPORT -u PGUSER -u PGDATABASE PGSERVICEFILE=service.conf "$WEIR_BIN/pg-load" --table narrow --service mine <<<'{"a":101}'
mkdir -p env && printf 'PGHOST=%s\nPGPORT=%s\nPGUSER=%s\nPGDATABASE=%s\n' "$PGHOST" "$PGPORT" "$PGUSER" "$PGDATABASE" >env/.env
(cd env && exits 0 env -u PGHOST -u PGPORT -u PGUSER -u PGDATABASE "$WEIR_BIN/pg-load" --table narrow <<<'{"a":102}')
same "by dsn, service file and .env" "$(sql 'select count(*) from narrow where a >= 100')" 3
exits 1 pg-load --table narrow --dsn 'dbname=nosuchdb' <<<'{"a":1}'
grep -q 'database "nosuchdb" does not exist' messages
exits 1 pg-load --table narrow --dsn 'port=1' --retry-for 0s <<<'{"a":1}'
grep -q 'cannot reach the server' messages
# A trickle arrives by --flush-every, before the input ends.
mkfifo pipe
pg-load --table narrow --flush-every 50ms <pipe &
loader=$!
exec 5>pipe
echo '{"a":1000}' >&5
arrived() { [ "$(sql 'select count(*) from narrow where a = 1000')" = 1 ]; }
wait_until 30 arrived
exec 5>&-
wait "$loader"
echo "pg-load: $shown checks"
