#!/usr/bin/env bash
# rec-enrich with databases of MaxMind's format that the test writes, beside Python's ipaddress: 20,000 addresses of both kinds in networks
# within networks, in each size of record; a database that is replaced between two runs; and 300 damaged ones.
# tools: rec-enrich csv-tail csv-append pipe-run
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
cat >make.py <<'PYTHON'
import ipaddress, json, random, sys
sys.path.insert(0, sys.argv[1])
from mmdb_writer import write
rng = random.Random(9)
networks = []
for _ in range(300):
    bits = rng.choice([8, 12, 16, 22, 24, 32])
    networks.append(ipaddress.ip_network((rng.getrandbits(bits) << (32 - bits), bits)))
for _ in range(150):
    bits = rng.choice([20, 32, 48, 64, 128])
    networks.append(ipaddress.ip_network(((0x2 << 124) | (rng.getrandbits(bits - 4) << (128 - bits)), bits)))
networks = sorted(set(networks), key=lambda network: network.prefixlen)
rows = []
for number, network in enumerate(networks):
    value = {"country": {"iso_code": rng.choice(["GR", "NO", "EG"]), "is_in_eu": rng.random() < 0.5}, "city": {"names": {"en": f"Tromsø \"{number % 40}\""}},
             "location": {"latitude": round(rng.uniform(-90, 90), 4), "n": [number, -number, 1 << 40]}}
    if number % 5 == 0:
        del value["city"]
    rows.append((network, value))
for size in (24, 28, 32):
    write(f"geo{size}.mmdb", rows, size, "GeoLite2-City")
with open("records", "w") as out, open("expected", "w") as wanted:
    for n in range(20000):
        network = rng.choice(networks)
        address = network[rng.randrange(min(network.num_addresses, 1 << 62))] if rng.random() < 0.8 else ipaddress.ip_address(rng.getrandbits(32))
        ip = rng.choice(["", "10.0.0", "::x", None, 5]) if n % 50 == 0 else str(address)
        out.write(json.dumps({"n": n, "ip": ip}) + "\n")
        found = None
        if n % 50 != 0:
            for network, value in rows:
                if network.version == address.version and address in network:
                    found = value
        city = (found or {}).get("city")
        wanted.write(json.dumps({"n": n, "ip": ip, "country": found and found["country"]["iso_code"], "city": city and city["names"]["en"],
                                 "location": found and found["location"], "second": found and found["location"]["n"][1]}) + "\n")
PYTHON
PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 make.py "$WEIR_SOURCE/tests/support"
take='country.iso_code as country,city.names.en as city,location,location.n.1 as second'
for size in 24 28 32; do
  rec-enrich --table "geo$size.mmdb" --on ip --take "$take" --miss null records >found 2>words
  cmp <(jq -cS . found) <(jq -cS . expected) || { echo "FAILED rec-enrich: records of $size bits are not as ipaddress has them" >&2; exit 1; }
done
echo "20,000 addresses as ipaddress has them, $(jq -c 'select(.country)' found | wc -l) of them in a network"

# A database that is another one by the next run.
printf 'ip\n1.2.3.4\n' >in.csv
one() { PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -c "import sys; sys.path.insert(0, '$WEIR_SOURCE/tests/support'); from mmdb_writer import write
write('new.mmdb', [('1.2.0.0/16', {'c': '$1'})])"; mv new.mmdb table.mmdb; }
pipeline=(pipe-run --state state -- 'csv-tail --checkpoint-records 1 in.csv | rec-enrich --table table.mmdb --on ip --take c | csv-append out.csv')
one A
"${pipeline[@]}" 2>words
one B
echo 1.2.3.5 >>in.csv
"${pipeline[@]}" 2>words
[ "$(tr '\n' ' ' <out.csv)" = "ip,c 1.2.3.4,A 1.2.3.5,B " ] || { cat out.csv; exit 1; }
grep -q 'table.mmdb is another one than at the snapshot' words || { cat words; exit 1; }
echo "a database that changes: the new one holds after the snapshot"

# Bytes changed at random: refused at the start, or records come out that are JSON.
head -n 60 records >few
for seed in {1..300}; do
  /usr/bin/python3 - "$seed" <<'PYTHON'
import random, sys
rng = random.Random(int(sys.argv[1]))
data = bytearray(open("geo28.mmdb", "rb").read())
for _ in range(rng.choice([1, 3, 40])):
    data[rng.randrange(len(data) - 400 if rng.random() < 0.7 else 0, len(data))] = rng.randrange(256)
open("damaged.mmdb", "wb").write(data)
PYTHON
  status=0
  rec-enrich --table damaged.mmdb --on ip --take "$take" few >found 2>words || status=$?
  [ $status = 2 ] || { [ $status = 0 ] && [ "$(jq -c . found | wc -l)" = 60 ]; } || { echo "FAILED rec-enrich: a damaged database: $status" >&2; cat words >&2; exit 1; }
done
echo "300 damaged databases: refused, or records as JSON"
