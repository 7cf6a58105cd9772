// The Node form of thresh-alert --annotate: a level for each reading of standard input. What a stream processor of that language does.
const limits = { BOD: [30, 100], COD: [250, 500], TSS: [100, 300] };
let rest = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk) => {
  const lines = (rest + chunk).split("\n");
  rest = lines.pop();
  let out = "";
  for (const line of lines) {
    const record = JSON.parse(line);
    const limit = limits[record.parameter];
    record.level = limit === undefined ? null : record.value > limit[1] ? "critical" : record.value > limit[0] ? "warning" : "ok";
    out += JSON.stringify(record) + "\n";
  }
  process.stdout.write(out);
});
