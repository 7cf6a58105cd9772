# An SMTP server that keeps the mails, one file each, in $PARTS/mails. Sets SMTP_HOST, SMTP_PORT and SMTP_FROM.
# packages: python3 python3-aiosmtpd
# shellcheck shell=bash disable=SC2154

# Arguments go to the server (tests/support/smtp-server --help).
start_smtp() {
  export SMTP_HOST=127.0.0.1 SMTP_PORT SMTP_FROM="${SMTP_FROM:-weir@example.org}"
  SMTP_PORT=$(free_port)
  mkdir -p "$PARTS/mails"
  serve_process "$PARTS/smtp.log" "$SMTP_PORT" /usr/bin/python3 "$parts_source/tests/support/smtp-server" --port "$SMTP_PORT" --mails "$PARTS/mails" "$@"
  PARTS_SMTP=$served
}

stop_smtp() { end_process "$PARTS_SMTP"; }
