#!/usr/bin/env bash
# Mails of a replayed day at a real SMTP server: they parse, their figures are SQL's, none is sent twice, none can be tricked.
# labels: smtp pg
# tools: csv-tail summary-mail sensor-sim csv-append
# timeout: 300
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
csv=$(readings_csv)

shown() { echo "summary-mail: $*"; }
fail() { echo "FAILED summary-mail: $*" >&2; exit 1; }
is() { [ "$2" = "$3" ] || fail "$1: got '$2', expected '$3'"; }
mails() { find "$1" -name '*.eml' | wc -l; }
# Who got how many mails, as `2 ana@example.org`.
recipients() { cat "$1"/*.eml 2>/dev/null | tr -d '\r' | sed -n 's/^X-Envelope-To: //p' | sort | uniq -c | sed 's/^ *//'; }
now=(--now 2017-03-12T21:00:00Z)
send() { status=0; timeout 600 summary-mail "${now[@]}" "$@" >out 2>err || status=$?; }

# --- 1. A replayed day: the readings up to an hour of 2017-03-12, on which clocks change in America, and the whole year (--date).
start_postgres
awk -F, 'NR == 1 || ($1 >= "2017-03-10" && $1 < "2017-03-16")' "$csv" >near.csv
psql -q -c 'CREATE TABLE readings (timestamp timestamptz, city text, temperature_c float8, humidity float8, pressure float8, wind_speed float8, weather text)' \
  -c "\\copy readings FROM near.csv CSV HEADER"
mapfile -t city < <(psql -qAt -c "SELECT city FROM readings WHERE timestamp::date = '2017-03-12' GROUP BY city HAVING count(*) > 20 ORDER BY city")
[ "${#city[@]}" -gt 10 ] || fail "too few cities on the day"
{
  printf 'email,cities,name,timezone\n'
  printf 'all@example.org,,,\n'
  printf 'la@example.org,%s;%s,Ana María,America/Los_Angeles\n' "${city[0]}" "${city[5]}"
  printf 'east@example.org,%s;%s;%s;Atlantis,"Smith, John",Pacific/Auckland\n' "${city[1]}" "${city[7]}" "${city[9]}"
  printf 'one@example.org,%s,,Asia/Jerusalem\n' "${city[3]}"
  printf 'gone@example.org,Atlantis,,\n'
} >subscribers.csv

start_smtp --mails "$PARTS/latest"
awk -F, 'NR == 1 || $1 < "2017-03-12T21:00:00Z"' "$csv" >replayed.csv
csv-tail replayed.csv | (send --subscribers subscribers.csv --sent sent.ndjson --unsubscribe 'https://example.org/leave?who={email}'; echo "$status" >status)
is "the replayed day's exit" "$(cat status)" 0
is "a subscriber without readings is named" "$(cat err)" "summary-mail: gone@example.org: no mail, because none of the cities has a reading of 2017-03-12"
is "mails of the replayed day" "$(recipients latest)" "$(printf '1 all@example.org\n1 east@example.org\n1 la@example.org\n1 one@example.org')"
is "connections used" "$(cat latest/*.eml | tr -d '\r' | sed -n 's/^X-Connection: //p' | sort -u | wc -l)" 1

start_smtp --mails "$PARTS/dated"
csv-tail "$csv" | (send --subscribers subscribers.csv --date 2017-03-12; echo "$status" >status)
is "the dated day's exit" "$(cat status)" 0
is "mails of the dated day" "$(mails dated)" 4

cat >check.py <<'PYTHON'
"""Every mail parses, both its texts show the same figures, and those are PostgreSQL's."""
import collections, csv, email, email.policy, html.parser, pathlib, re, struct, sys, urllib.parse
import psycopg2

folder, before = pathlib.Path(sys.argv[1]), sys.argv[2]
dates = dict(pair.split("=") for pair in sys.argv[3:])  # zone=date
people = {row["email"]: row for row in csv.DictReader(open("subscribers.csv"))}
database = psycopg2.connect("")
database.set_session(autocommit=True)
cursor = database.cursor()
compared = collections.Counter()
ids = set()

FIGURES = """
  WITH local AS (SELECT city, timestamp, timestamp AT TIME ZONE %(zone)s AS at, temperature_c AS t, humidity AS h, pressure AS p, wind_speed AS w, weather
                 FROM readings WHERE timestamp < %(before)s),
       day AS (SELECT *, extract(hour FROM at) AS hour, row_number() OVER (PARTITION BY city ORDER BY timestamp DESC) AS back
               FROM local WHERE at::date = %(date)s AND city = %(city)s),
       part AS (SELECT * FROM day WHERE {where})
  SELECT count(*), avg(t), min(t), max(t), avg(h), avg(p), avg(w), max(w),
         (SELECT weather FROM part WHERE weather IS NOT NULL GROUP BY weather ORDER BY count(*) DESC, min(timestamp) LIMIT 1),
         bool_or(weather ~ '\\m(rain|drizzle|sleet)\\M' OR (weather ~ '\\mshower\\M' AND weather !~ '\\msnow\\M')),
         to_char(min(at), 'HH24:MI')
  FROM part"""
PARTS = {"Morning": "hour >= 6 AND hour < 12", "Evening": "hour >= 18", "Current": "back = 1"}


class Rows(html.parser.HTMLParser):
    """The cells of each city's table, `<br>` as a blank."""
    def __init__(self):
        super().__init__()
        self.tables, self.city, self.cell, self.images = {}, None, None, []
    def handle_starttag(self, tag, attrs):
        if tag == "img": self.images.append(dict(attrs))
        if tag == "h2": self.city = ""
        if tag == "tr" and self.city in self.tables: self.tables[self.city].append([])
        if tag in ("td", "th") and self.tables.get(self.city): self.cell = ""
        if tag == "table" and self.city: self.tables.setdefault(self.city, [])
        if tag == "br" and self.cell is not None: self.cell += " "
    def handle_endtag(self, tag):
        if tag == "h2": self.heading_done = True
        if tag in ("td", "th") and self.cell is not None: self.tables[self.city][-1].append(self.cell); self.cell = None
        if tag == "table": self.city = None
    def handle_data(self, data):
        if self.cell is not None: self.cell += data
        elif self.city is not None and self.city not in self.tables: self.city += data.strip()


def near(shown, exact, decimals, what):
    assert (shown is None) == (exact is None), (what, shown, exact)
    if exact is not None:
        assert abs(float(shown) - exact) <= 0.5 * 10 ** -decimals + 1e-9, (what, shown, exact)
        compared["figures"] += 1


def parts_of(text):
    """{city: {part: {label: words}}} of the plain text."""
    lines, cities, city, part = text.splitlines(), {}, None, None
    for line, under in zip(lines, lines[1:] + [""]):
        if line and set(under) == {"-"} and len(under) == len(line): city = cities.setdefault(line, {})
        elif match := re.fullmatch(r"  (Morning|Evening|Current) \((.*?)\)(: no readings)?", line): part = city.setdefault(match[1], {"": match[2]})
        elif match := re.fullmatch(r"    (\w+) +(.*)", line): part[match[1]] = match[2]
    return cities


def number(words, pattern):
    match = re.search(pattern, words or "")
    return match and match[1]


for path in sorted(folder.glob("*.eml")):
    raw = path.read_bytes()
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    defects = [defect for part in mail.walk() for defect in part.defects]
    assert not defects, (path, defects)
    to = mail["to"].addresses[0]
    person = people[to.addr_spec]
    assert to.display_name == person["name"], to
    assert mail["x-envelope-to"] == to.addr_spec and mail["x-envelope-from"] == "weir@example.org" == mail["from"].addresses[0].addr_spec
    assert mail["date"].datetime.tzinfo and mail["message-id"] not in ids and mail["message-id"].endswith("@example.org>")
    ids.add(mail["message-id"])
    for line in raw.split(b"\r\n"): assert len(line) <= 78 and b"\n" not in line, line
    if mail["list-unsubscribe"]: assert mail["list-unsubscribe"] == f"<https://example.org/leave?who={urllib.parse.quote(to.addr_spec, safe='')}>"
    first, last = mail.get_payload()
    assert mail.get_content_type() == "multipart/alternative" and first.get_content_type() == "text/plain" and last.get_content_type() == "multipart/related"
    page, *pictures = last.get_payload()
    text, rows = first.get_content(), Rows()
    rows.feed(page.get_content())
    zone = person["timezone"] or "UTC"
    date = dates[zone]
    cities = parts_of(text)
    cursor.execute("SELECT DISTINCT city FROM readings WHERE timestamp < %s AND (timestamp AT TIME ZONE %s)::date = %s", (before, zone, date))
    there = {row[0] for row in cursor}
    wanted = [c for c in person["cities"].split(";") if c] or sorted(there)
    assert list(cities) == [c for c in wanted if c in there] == list(rows.tables), (path, list(cities), list(rows.tables))
    for city in set(wanted) - there: assert f"There are no readings of {city}." in text and f"There are no readings of {city}." in page.get_content()
    subject = mail["subject"]
    for city in list(cities)[:2]: assert city in subject, subject
    # A picture a city: a PNG, named by the page once, with words for those who do not see it.
    assert [image["src"] for image in rows.images] == ["cid:" + picture["content-id"][1:-1] for picture in pictures] and len(pictures) == len(cities)
    for city, picture, image in zip(cities, pictures, rows.images):
        png = picture.get_content()
        assert png[:8] == b"\x89PNG\r\n\x1a\n" and struct.unpack(">II", png[16:24]) == (816, 204) and png[-8:-4] == b"IEND", len(png)
        assert picture.get_content_disposition() == "inline" and city in image["alt"], image
        cursor.execute("SELECT min(temperature_c), max(temperature_c) FROM readings WHERE city = %s AND timestamp < %s AND (timestamp AT TIME ZONE %s)::date = %s", (city, before, zone, date))
        low, high = cursor.fetchone()
        near(number(image["alt"], r"lowest (-?[\d.]+)"), low, 1, "chart")
        near(number(image["alt"], r"highest (-?[\d.]+)"), high, 1, "chart")
    for city, parts in cities.items():
        assert list(parts) == list(PARTS), (city, parts)
        head, *body = rows.tables[city]
        table = {row[0]: row[1:] for row in body}
        for column, (part, where) in enumerate(PARTS.items()):
            shown = parts[part]
            cursor.execute(FIGURES.format(where=where), {"zone": zone, "before": before, "date": date, "city": city})
            n, t, low, high, h, p, w, gust, weather, wet, at = cursor.fetchone()
            what = (path.name, city, part)
            if n == 0:
                assert list(shown) == [""], what
                assert all(cells[column] in ("–", "") for cells in table.values()), what
                compared["empty parts"] += 1
                continue
            if part == "Current": assert shown[""] == "at " + at, (what, shown, at)
            near(number(shown["Temperature"], r"^(-?[\d.]+) °C"), t, 1, what)
            if n > 1 and t is not None:
                near(number(shown["Temperature"], r"\((-?[\d.]+) to"), low, 1, what)
                near(number(shown["Temperature"], r"to (-?[\d.]+)\)"), high, 1, what)
            near(number(shown["Humidity"], r"^(-?[\d.]+) %"), h, 0, what)
            near(number(shown["Pressure"], r"^(-?[\d.]+) hPa"), p, 0, what)
            near(number(shown["Wind"], r"^(-?[\d.]+) m/s"), w, 1, what)
            if n > 1 and w is not None: near(number(shown["Wind"], r"up to (-?[\d.]+)\)"), gust, 1, what)
            assert shown["Weather"] == (weather or "not known"), (what, shown, weather)
            assert ("Take an umbrella." in shown.get("Advice", "")) == bool(wet), (what, shown, wet)
            compared["parts"] += 1
            compared["umbrellas"] += bool(wet)
            # The page says what the text says.
            assert head[column + 1] == f"{part} {shown['']}", (what, head)
            for label, cells in table.items():
                plain = shown.get(label, "")
                if plain == "not known": plain = "–"
                assert cells[column] == plain.replace(" (", " ").replace(")", ""), (what, label, cells, plain)
    compared["mails"] += 1
    compared["cities"] += len(cities)
assert compared["parts"] > 40 and compared["umbrellas"] > 0
print(f"summary-mail: {folder.name}:", ", ".join(f"{count} {what}" for what, count in compared.items()), "as SQL has them")
PYTHON
/usr/bin/python3 check.py latest 2017-03-12T21:00:00Z UTC=2017-03-12 America/Los_Angeles=2017-03-11 Pacific/Auckland=2017-03-12 Asia/Jerusalem=2017-03-12
/usr/bin/python3 check.py dated infinity UTC=2017-03-12 America/Los_Angeles=2017-03-12 Pacific/Auckland=2017-03-12 Asia/Jerusalem=2017-03-12
stop_postgres

# --- 2. A second run of the same day sends none; one that looks only (--dry-run) writes none of them either.
start_smtp --mails "$PARTS/again"
csv-tail replayed.csv | (send --subscribers subscribers.csv --sent sent.ndjson; echo "$status" >status)
is "a second run's exit" "$(cat status)" 0
is "mails of a second run" "$(mails again)" 0
csv-tail replayed.csv | summary-mail "${now[@]}" --subscribers subscribers.csv --sent sent.ndjson --dry-run >out 2>err
is "a second run's dry run" "$(wc -c <out)" 0
shown "a second run of the same day sent none"

# From here on a day of three cities is enough.
day() { awk -F, -v a="${city[0]}" -v b="${city[1]}" -v c="${city[2]}" 'NR == 1 || ($1 >= "2017-03-11T00:00:00Z" && ($2 == a || $2 == b || $2 == c))' replayed.csv; }
day >day.csv
csv-tail day.csv >day.ndjson
people() { echo email; for i in $(seq "$1"); do echo "p$i@example.org"; done; }

# --- 3. Recipients refused for good and for now, a message that breaks off: the others arrive, each mail once.
people 8 >people.csv
start_smtp --mails "$PARTS/hard" --refuse p3@example.org --postpone p5@example.org 2 --drop-after 3
send --subscribers people.csv --sent hard.ndjson --retry-wait 20ms day.ndjson
is "exit with a refused recipient" "$status" 1
is "who got a mail" "$(recipients hard | wc -l)" 7
is "mails that came twice" "$(recipients hard | grep -vc '^1 ' || true)" 0
grep -qx 'summary-mail: p3@example.org: not sent: 550 no such mailbox' err || fail "the refused recipient is not named: $(cat err)"
grep -q 'p5@example.org: 451 greylisted' err || fail "the postponed recipient is not named"
is "notes" "$(wc -l <hard.ndjson)" 7
shown "7 of 8 mails arrived past a refused recipient, a postponed one and a broken connection"

# An answer that does not come in time is waited for no longer; the mail goes again on another connection.
people 4 >people.csv
rm -f err # which tells of other tries
start_smtp --mails "$PARTS/slow" --hang-after 2 "$PARTS/wake"
summary-mail "${now[@]}" --subscribers people.csv --sent slow.ndjson --timeout 2s --retry-wait 20ms day.ndjson 2>err &
slow=$!
wait_until 60 grep -q 'trying again' err
touch wake
wait $slow || fail "a slow server: exit $?: $(cat err)"
is "mails at a slow server" "$(recipients slow)" "$(for i in $(seq 4); do echo "1 p$i@example.org"; done)"

# --- 4. Killed in the middle, then run again: the rest, and none twice.
people 9 >people.csv
start_smtp --mails "$PARTS/killed" --hang-after 4 "$PARTS/go"
summary-mail "${now[@]}" --subscribers people.csv --sent killed.ndjson day.ndjson >out 2>err &
victim=$!
wait_until 60 test -e go.waiting
is "notes before the kill" "$(wc -l <killed.ndjson)" 4
kill -9 $victim
wait $victim 2>/dev/null || true
touch go
printf '{"date":"2017-03-12","kind":"da' >>killed.ndjson # what a crash of the machine may leave
send --subscribers people.csv --sent killed.ndjson --retry-wait 20ms day.ndjson
is "exit after the kill" "$status" 0
is "mails after the kill" "$(recipients killed)" "$(for i in $(seq 9); do echo "1 p$i@example.org"; done)"
is "notes after the kill" "$(jq -r .email killed.ndjson | sort -u | wc -l)" 9
shown "killed after 4 of 9 mails: the next run sent the other 5, none twice"

# --- 5. Two runs at once share one file of notes.
start_smtp --mails "$PARTS/two"
summary-mail "${now[@]}" --subscribers people.csv --sent two.ndjson day.ndjson 2>err.1 &
first=$!
summary-mail "${now[@]}" --subscribers people.csv --sent two.ndjson day.ndjson 2>err.2 || fail "the second of two runs at once: $(cat err.2)"
wait $first || fail "the first of two runs at once: $(cat err.1)"
is "mails of two runs at once" "$(recipients two)" "$(for i in $(seq 9); do echo "1 p$i@example.org"; done)"
shown "two runs at once sent each mail once"

# --- 6. SIGTERM before the input has ended: no mail, and it says so.
mkfifo endless
start_smtp --mails "$PARTS/stopped"
summary-mail "${now[@]}" --subscribers people.csv endless 2>err &
victim=$!
exec 7>endless
cat day.ndjson >&7
kill -TERM $victim
wait $victim || fail "SIGTERM: exit $?"
exec 7>&-
is "mails after SIGTERM" "$(mails stopped)" 0
is "words after SIGTERM" "$(cat err)" "summary-mail: stopped: no mail was sent"

start_smtp --mails "$PARTS/halfway" --hang-after 2 "$PARTS/never"
summary-mail "${now[@]}" --subscribers people.csv --sent halfway.ndjson day.ndjson 2>err &
victim=$!
wait_until 60 test -e never.waiting
kill -TERM $victim
wait $victim || fail "SIGTERM while sending: exit $?"
is "notes after SIGTERM while sending" "$(wc -l <halfway.ndjson)" 2
is "words after SIGTERM while sending" "$(cat err)" "summary-mail: stopped: 2 sent, 7 not sent; of the last it is not known whether it arrived"
shown "SIGTERM before the end of the input sends nothing, while sending it leaves the rest to the next run"

# --- 7. TLS with a certificate of our own authority, and a password.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=weir-test-ca -keyout ca.key -out ca.pem 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=mail -keyout mail.key -out mail.csr 2>/dev/null
openssl x509 -req -in mail.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile <(echo subjectAltName=IP:127.0.0.1) -out mail.pem 2>/dev/null
people 2 >people.csv
export SMTP_USER=weir
secret='pa55 wörd'
for tls in starttls tls; do
  start_smtp --mails "$PARTS/$tls" --$tls mail.pem mail.key --user weir --password "$secret"
  SMTP_PASSWORD=$secret send --subscribers people.csv --$tls --cafile ca.pem day.ndjson
  [ "$status" = 0 ] || fail "$tls: exit $status: $(cat err) $(cat smtp.log)"
  is "$tls: mails" "$(mails "$tls")" 2
  SMTP_PASSWORD=$secret send --subscribers people.csv --$tls --retry-wait 20ms day.ndjson
  is "$tls: exit with an unknown authority" "$status" 1
  grep -qi certificate err || fail "$tls: an unknown authority is not named: $(cat err)"
  SMTP_PASSWORD=wrong-secret send --subscribers people.csv --$tls --cafile ca.pem --retry-wait 20ms day.ndjson
  is "$tls: exit with a wrong password" "$status" 1
  grep -q 'does not take this user and password' err || fail "$tls: a wrong password is not named: $(cat err)"
  ! grep -q wrong-secret err || fail "$tls: the password is in the messages"
  is "$tls: mails in the end" "$(mails "$tls")" 2
done
unset SMTP_USER
start_smtp --mails "$PARTS/plain"
send --starttls --subscribers people.csv --retry-wait 20ms day.ndjson
is "exit where STARTTLS is asked for and not offered" "$status" 1
is "mails in plain text where TLS was asked for" "$(mails plain)" 0
send --cafile ca.pem --subscribers people.csv --retry-wait 20ms day.ndjson
is "exit where --cafile asks for STARTTLS and it is not offered" "$status" 1
is "mails in plain text where TLS was asked for" "$(mails plain)" 0
shown "STARTTLS and implicit TLS with a password arrived; unknown authority, wrong password and a server without TLS sent nothing"

# --- 8. Attempts to get other headers, recipients or tags into a mail.
start_smtp --mails "$PARTS/tricks"
{
  printf 'email,cities,name\n'
  printf '"a@example.org\r\nBcc: evil@example.com",,\n'
  printf '"b@example.org>\nRCPT TO:<evil@example.com",,\n'
  printf 'c@example.org,,"Ana\r\nBcc: evil@example.com"\n'
  printf 'd@example.org,"x\ny",\n'
  printf 'e@example.org\0,,\n'
  printf '"f@example.org, evil@example.com",,\n'
  printf 'good@example.org,,"Evil"" <evil@example.com>, <i>"\n'
} >tricks.csv
{
  cat day.ndjson
  printf '{"timestamp":"2017-03-12T20:00:00Z","city":"X\\r\\nBcc: evil@example.com","temperature_c":1}\n'
  printf '{"timestamp":"2017-03-12T20:00:00Z","city":"Y","weather":"rain\\u0000"}\n'
  printf '{"timestamp":"2017-03-12T20:00:00Z","city":"<script>alert(1)</script>","temperature_c":2,"weather":"<b>&amp; </td>"}\n'
  printf '{"timestamp":"2017-03-12T20:00:00Z","city":".","temperature_c":3,"weather":"From here\\u2028."}\n'
} >tricks.ndjson
send --subscribers tricks.csv --rejects rejects.ndjson tricks.ndjson
is "exit with bad rows" "$status" 1
is "bad rows named" "$(grep -c '^summary-mail: tricks.csv: line [0-9]*: ' err)" 6
is "records refused" "$(jq -r .reason rejects.ndjson)" "$(printf 'city holds a control character\nweather holds a control character')"
is "who got a mail" "$(recipients tricks)" "1 good@example.org"
/usr/bin/python3 - tricks/0001.eml <<'PYTHON'
import email, email.policy, sys
mail = email.message_from_bytes(open(sys.argv[1], "rb").read(), policy=email.policy.default)
assert not mail["bcc"] and len(mail["to"].addresses) == 1 and mail["to"].addresses[0].addr_spec == "good@example.org", mail["to"]
assert mail["to"].addresses[0].display_name == 'Evil" <evil@example.com>, <i>'
page = mail.get_body(("html",)).get_content()
assert "<script" not in page and "<b>" not in page and "&lt;script&gt;alert(1)&lt;/script&gt;" in page and "&lt;b&gt;&amp;amp; &lt;/td&gt;" in page
text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
assert "\n<script>alert(1)</script>\n" in text and "\n.\n-\n" in text, text
PYTHON
shown "6 rows and 2 records with other headers or recipients in them were refused; HTML is escaped"

# --- 9. The greeting, of a known address and of another.
start_smtp --mails "$PARTS/welcome"
send --subscribers subscribers.csv --welcome one@example.org --sent welcome.ndjson <day.ndjson
is "the greeting's exit" "$status" 0
send --subscribers subscribers.csv --welcome one@example.org --sent welcome.ndjson <day.ndjson
send --welcome new@example.org <day.ndjson
is "greetings" "$(recipients welcome)" "$(printf '1 new@example.org\n1 one@example.org')"
grep -q '^Subject: Welcome' welcome/0001.eml || fail "no greeting"

# --- 10. No server: tried again a few times, then said once.
SMTP_PORT=$(free_port) send --subscribers people.csv --retries 2 --retry-wait 20ms day.ndjson
is "exit without a server" "$status" 1
is "tries without a server" "$(grep -c 'trying again' err)" 2
grep -q '^summary-mail: 2 mails were not sent: ' err || fail "the mails that were not sent are not counted: $(cat err)"
shown "greetings sent once; a server that is not there is tried again, then named"
