# What the contract suite needs to know of summary-mail.
args=(--subscribers subscribers.csv --now 2016-12-01T21:00:00Z)
servers=(smtp)
state_args=(--no-charts --subscribers people.csv --now 2026-01-02T21:00:00Z)
other=(--no-charts --subscribers people.csv --now 2026-01-02T21:00:00Z --by weather)
may_change=(--max-keys 5000)
ids=yes
prepare() {
  rm -f "$PARTS"/mails/*
  { echo email,cities; for person in {1..25}; do echo "p$person@example.org,"; done; } >people.csv
}
# A mail is one line: its Message-ID, and the rest but for the Date.
output() {
  /usr/bin/python3 - "$PARTS"/mails/*.eml <<'PYTHON'
import email, email.policy, sys
for path in sys.argv[1:]:
    mail = email.message_from_binary_file(open(path, "rb"), policy=email.policy.default)
    print(mail["Message-ID"], repr((mail["To"], mail["Subject"], mail.get_body(("plain",)).get_content())), sep="\t")
PYTHON
}
