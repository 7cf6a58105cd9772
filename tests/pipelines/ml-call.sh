#!/usr/bin/env bash
# ml-call beside a model whose formula is known: 6,000 records by both protocols, in batches and many requests at a time, while the server
# answers with errors, cut and wrong answers.
# tools: ml-call
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
awk 'BEGIN { srand(5); for (i = 0; i < 6000; i++) printf "{\"n\":%d,\"a\":%.2f,\"b\":%s}\n", i, rand() * 100, rand() < 0.1 ? "null" : sprintf("%.1f", rand() * 9) }' >records
cat >check.py <<'PYTHON'
import json, sys
records = [json.loads(line) for line in open("records")]
found = [json.loads(line) for line in open(sys.argv[1])]
skipped = set(map(int, sys.argv[2:]))
expected = [record | {"prediction": round(record["a"] + 2 * (5 if record["b"] is None else record["b"]) + 0.5, 6)} for record in records if record["n"] not in skipped]
assert len(found) == len(expected), (len(found), len(expected))
for one, other in zip(found, expected):
    assert {**one, "prediction": round(one["prediction"], 6)} == other, (one, other)
PYTHON
inputs=(--input 'a,b:-5' --retry-wait 1ms)

# 1. Both protocols, both forms of tensors; one record a request and many.
start_ml
ml-call --url "$ML_URL/score" "${inputs[@]}" records >one 2>words
/usr/bin/python3 check.py one
for options in "--url $ML_URL/score --batch 50" "--url $ML_URL/predict --batch 7 --in-flight 30 --answer predictions --envelope {\"instances\":{inputs}}" \
  "--url $ML_URL/v2/models/m/infer --batch 64 --answer score" "--url $ML_URL/v2/models/m/infer --batch 33 --tensor x --answer score"; do
  read -ra words <<<"$options"
  ml-call "${words[@]}" "${inputs[@]}" records >many 2>words
  if [[ $options = */predict* ]]; then jq -c '.prediction = .prediction.score' many >flat && mv flat many; fi
  /usr/bin/python3 check.py many
done
stop_ml
echo "both protocols: 6,000 predictions as the formula gives them, in the order of the records"

# 2. Errors that go away: each is asked again.
start_ml 500 cut busy gone 503 502 504 408 200 500
ml-call --url "$ML_URL/score" --batch 20 "${inputs[@]}" records >retried 2>words
/usr/bin/python3 check.py retried
stop_ml
echo "500, 502, 503, 504, 408, 429, a cut answer and no answer: asked again"

# 3. Answers that stay wrong: rejected with the reason, or the fallback; a row that the model refuses costs no other one.
start_ml garbage short 422
sed '1000s/"a":[0-9.]*/"a":666/' records >spoilt
ml-call --url "$ML_URL/score" --batch 64 "${inputs[@]}" --rejects rejects spoilt >most 2>words
/usr/bin/python3 check.py most 999
[ "$(jq -r '[.line, .reason] | join(" ")' rejects)" = '1000 no prediction: the server answers 400: {"error": "a value that no model likes"}' ] || { cat rejects; exit 1; }
stop_ml
start_ml garbage slow short 400
head -n 4 records | ml-call --url "$ML_URL/score" --list --in-flight 1 --retries 0 --timeout 3s "${inputs[@]}" --fallback null >fallbacks 2>words
[ "$(jq -r .prediction_error fallbacks)" = 'the answer is not JSON: <html>? no model ?? </html>
no whole answer within 3s
0 predictions for 1 rows
the server answers 400: {"error":"as planned"}' ] || { cat fallbacks; exit 1; }
stop_ml
status=0
start_ml 404
ml-call --url "$ML_URL/score" "${inputs[@]}" records >none 2>words || status=$?
[ $status = 1 ] && grep -q 'the server answers 404' words || { cat words; exit 1; }
stop_ml
echo "wrong answers: rejected with their reason, or the fallback with it; 404 ends the run"

# 4. Seven inputs of two plants, gathered by minute: the five that are required, and defaults for the rest.
cat >gather.py <<'PYTHON'
import json, random
rng = random.Random(2)
names = {"flow_rate": ("flow_rate", 150), "BOD": ("influent_BOD", 180), "COD": ("influent_COD", 350), "TSS": ("influent_TSS", 120),
         "pH": ("influent_pH", 7.5), "TDS": ("influent_TDS", 600), "temperature": ("temperature", 25)}
latest, rows = {}, []
with open("readings", "w") as out:
    for second in range(3600):
        for plant in ("p1", "p2"):
            if rng.random() < 0.3:
                name, value = rng.choice([*names, "colour"]), round(rng.uniform(1, 400), 1)
                out.write(json.dumps({"plantId": plant, "parameter": name, "value": value, "timestamp": f"2026-01-01T00:{second // 60:02d}:{second % 60:02d}Z"}) + "\n")
                latest.setdefault((second // 60 + 1, plant), {})[name] = value
for (minute, plant), values in sorted(latest.items()):
    if all(name in values for name in ("pH", "BOD", "COD", "TSS", "TDS")):
        inputs = {given: values.get(name, default) for name, (given, default) in names.items()}
        score = round(sum((i + 1) * value for i, value in enumerate(inputs.values())) + 0.5, 6)
        rows.append({"timestamp": f"2026-01-01T{minute // 60:02d}:{minute % 60:02d}:00Z", "plantId": plant, "model": "reusability", "prediction": score, "input": inputs})
with open("expected", "w") as out:
    for row in rows:
        out.write(json.dumps(row) + "\n")
print(len(rows), "rows are complete")
PYTHON
/usr/bin/python3 gather.py
start_ml
ml-call --url "$ML_URL/score" --every 1m --by plantId --parameter parameter --model reusability --batch 8 --input \
  'flow_rate:-150,influent_BOD=BOD:-180,influent_COD=COD:-350,influent_TSS=TSS:-120,influent_pH=pH:-7.5,influent_TDS=TDS:-600,temperature:-25' \
  --require pH,BOD,COD,TSS,TDS readings >gathered 2>words
cmp <(jq -cS . gathered) <(jq -cS . expected) || { echo "FAILED ml-call: gathered rows differ" >&2; exit 1; }
[ -s expected ] || exit 1
stop_ml
echo "gathered: the rows of an hour as Python gathers them"
