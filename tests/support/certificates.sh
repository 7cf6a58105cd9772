# Authorities and certificates for tests of TLS, in the folder that the test works in.
# shellcheck shell=bash

# authority NAME: makes NAME.pem and NAME.key.
authority() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.pem" -days 2 -subj "/CN=$1" 2>/dev/null; }

# certificate NAME SAN: the same for NAME, signed by the authority `ours`.
certificate() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA ours.pem -CAkey ours.key -CAcreateserial -days 2 -out "$1.pem" -extfile <(echo "subjectAltName=$2") 2>/dev/null
}
