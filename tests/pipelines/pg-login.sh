#!/usr/bin/env bash
# pg-load logs in by --user and --password-file, verifies the server by --cafile and shows itself by --cert, beside libpq's variables.
# labels: pg
# tools: pg-load
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
source "$WEIR_SOURCE/tests/support/certificates.sh"
start_postgres
source "$WEIR_SOURCE/tests/support/pg.sh"

authority ours
authority theirs
certificate server DNS:localhost
certificate device DNS:device
password='S3cret of the database'
printf '%s\n' "$password" >right
printf 'not it\n' >wrong
chmod 600 right wrong ./*.key

logins_over_tls "$password"
sql "grant create on schema public to ana, device"
export PGHOST=localhost
unset PGUSER

# expect STATUS TEXT OPTION…: pg-load ends with that status and a message with that text, and shows no password.
expect() {
  local want=$1 text=$2 got=0
  shift 2
  echo '{"a":1}' | timeout 300 pg-load --create --retry-for 1s "$@" >out 2>err || got=$?
  [ "$got" = "$want" ] || { echo "FAILED: exit $got, not $want, with $*:"; cat err; exit 1; }
  grep -qF -- "$text" err || [ -z "$text" ] || { echo "FAILED: no '$text' with $*:"; cat err; exit 1; }
  ! grep -qF "$password" out err || { echo "FAILED: the password is shown with $*"; exit 1; }
}
expect 0 '' --table by_password --user ana --password-file right --cafile ours.pem
expect 0 '' --table by_certificate --user device --cert device.pem --key device.key --cafile ours.pem
PGUSER=ana PGPASSWORD=$password expect 0 '' --table by_variables --cafile ours.pem
expect 1 'password authentication failed' --table none --user ana --password-file wrong --cafile ours.pem
expect 1 'certificate verify failed' --table none --user ana --password-file right --cafile theirs.pem
expect 2 '--password-file needs --user' --table none --password-file right
expect 2 '--cert and --key go together' --table none --user device --cert device.pem
owners=$(PGHOST=127.0.0.1 PGUSER=weir psql -qAt -c "select tablename || ' ' || tableowner from pg_tables where schemaname = 'public' order by 1" | tr '\n' ';')
[ "$owners" = "by_certificate device;by_password ana;by_variables ana;" ] || { echo "FAILED: $owners"; exit 1; }
echo "by password, by certificate and by libpq's variables, verified; wrong ones refused"
