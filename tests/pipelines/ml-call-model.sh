#!/usr/bin/env bash
# ml-call with models of XGBoost in its own process: the predictions are those of the trees, walked by Python, and of XGBoost's own Python.
# tools: ml-call
# labels: numpy
set -euo pipefail
source "$WEIR_SOURCE/tests/support/begin.sh"
fail() { echo "FAILED: $*" >&2; cat messages >&2; exit 1; }
cat >train.py <<'PYTHON'
import json
import numpy, xgboost
rng = numpy.random.default_rng(3)
rows = rng.normal(size=(4000, 3)) * [10, 1, 100]
rows[rng.random(rows.shape) < 0.1] = numpy.nan
filled = numpy.nan_to_num(rows)
targets = {"number": 3 * filled[:, 0] + filled[:, 2] * (filled[:, 1] > 0), "share": (filled[:, 0] + 5 * filled[:, 1] > 2).astype(int),
           "kinds": numpy.digitize(filled[:, 0], [-5, 5])}
names = ["pH", "BOD", "TSS"]
matrix = lambda at, target=None: xgboost.DMatrix(rows[at], target, feature_names=names)
asked = slice(3000, 4000)
for name, parameters in {"number": {}, "share": {"objective": "binary:logistic"}, "kinds": {"objective": "multi:softprob", "num_class": 3}}.items():
    model = xgboost.train({"max_depth": 5, "nthread": 1, **parameters}, matrix(slice(0, 3000), targets[name][:3000]), 30)
    model.save_model(f"{name}.json")
    model.save_model(f"{name}.ubj")
    json.dump(model.predict(matrix(asked)).tolist(), open(f"{name}.own", "w"))
with open("records", "w") as out:
    for i, row in enumerate(rows[asked]):
        known = {name: float(value) for name, value in zip(names, row) if not numpy.isnan(value)}
        out.write(json.dumps({"n": i, **({"TSS": None} if i % 2 and "TSS" not in known else {}), **known}) + "\n")
PYTHON
/usr/bin/python3 train.py 2>messages || fail "training"
cat >check.py <<'PYTHON'
import json, math, sys
import numpy
name, path = sys.argv[1:]
model = json.load(open(f"{name}.json"))["learner"]
trees, groups = (model["gradient_booster"]["model"][key] for key in ("trees", "tree_info"))
names, classes = model["feature_names"], max(1, int(model["learner_model_param"]["num_class"]))
base = float(model["learner_model_param"]["base_score"])
def leaf(tree, row):
    at = 0
    while tree["left_children"][at] != -1:
        value = row[tree["split_indices"][at]]
        left = tree["default_left"][at] if value is None else value < numpy.float32(tree["split_conditions"][at])
        at = (tree["left_children"] if left else tree["right_children"])[at]
    return numpy.float32(tree["split_conditions"][at])
def predicted(record):
    row = [None if record.get(each) is None else numpy.float32(record[each]) for each in names]
    margins = [base if name != "share" else math.log(base / (1 - base))] * classes
    for tree, group in zip(trees, groups): margins[group] += float(leaf(tree, row))
    if name == "share": return 1 / (1 + math.exp(-margins[0]))
    if name == "number": return margins[0]
    powers = [math.exp(margin - max(margins)) for margin in margins]
    return [power / sum(powers) for power in powers]
records = [json.loads(line) for line in open("records")]
found = [json.loads(line) for line in open(path)]
own = json.load(open(f"{name}.own"))
assert len(found) == len(records) == len(own) == 1000
worst = 0.0
for record, got, theirs in zip(records, found, own):
    score = got.pop("score")
    assert got == record, (got, record)
    walked = predicted(record)
    assert numpy.float32(theirs).tolist() == numpy.float32(score).tolist(), (record, score, theirs)
    worst = max(worst, float(numpy.max(numpy.abs(numpy.array(score) - numpy.array(walked)) / numpy.maximum(1, numpy.abs(walked)))))
assert worst < 2e-5, worst
print(f"{name}: 1000 predictions, those of XGBoost's Python to the bit, of its trees within {worst:.0e}")
PYTHON
inputs=(--input 'TSS:-null,pH:-null,BOD:-null' --as score)
for name in number share kinds; do
  ml-call --model-file $name.json "${inputs[@]}" records >found 2>messages || fail "$name ended with $?"
  /usr/bin/python3 check.py $name found || fail "$name"
  for options in '--model-file NAME.ubj --batch 7' '--model-file NAME.json --batch 5000'; do
    read -ra words <<<"${options/NAME/$name}"
    ml-call "${words[@]}" "${inputs[@]}" records 2>messages | cmp - found || fail "other predictions with ${words[*]}"
  done
done

# What does not fit the model is wrong usage; a value beyond a float costs its own record alone.
refused() {
  local status=0
  ml-call "${@:2}" </dev/null >none 2>messages || status=$?
  [ $status = 2 ] && grep -qF -- "$1" messages || fail "exit $status, not 2 with: $1"
}
refused "the model has 3 inputs, and 2 are given" --model-file number.json --input pH,BOD
refused "the model's input 'BOD' is not given" --model-file number.json --input pH,COD,TSS
refused "--model-file: none.json: there is no such file" --model-file none.json --input pH
echo '{"no":"model"}' >other.json
refused "--model-file: other.json: it is not a model that XGBoost can load: " --model-file other.json --input pH
refused "give one of --url" --model-file number.json --url http://127.0.0.1:1/x --input pH
refused "the default is not a number and not null" --model-file number.json --input 'pH:-"x",BOD,TSS'
printf '%s\n' '{"pH":1,"BOD":1e300,"TSS":1}' '{"pH":1,"BOD":1,"TSS":1}' '{"pH":"1","BOD":1,"TSS":1}' |
  ml-call --model-file number.json --input pH,BOD,TSS --rejects rejects >some 2>messages || fail "exit $?"
[ "$(wc -l <some) $(jq -r '[.line, .reason] | join(" ")' rejects | sort | paste -sd ';')" = '1 1 no prediction: an input is beyond what a model takes, 3.4e38;3 pH "1" is not a number' ] ||
  { cat rejects; fail "other rejects"; }
echo "models that do not fit are refused, and values that do not fit are rejects"
