// The task of `scripts/bench win-agg` in DuckDB, with the columns' types given: window_duckdb.cjs THREADS FILE. Rows as CSV.
const { DuckDBInstance } = require("@duckdb/node-api");

const [threads, file] = process.argv.slice(2);
if (!file) {
  console.log(require("@duckdb/node-api").version());
  process.exit();
}
const query = `select strftime(date_trunc('minute', ts), '%Y-%m-%dT%H:%M') as w, sensor, count(*), min(value), max(value), avg(value)
  from read_ndjson('${file}', columns = {ts: 'TIMESTAMP', sensor: 'VARCHAR', value: 'DOUBLE'}) group by all`;
(async () => {
  const instance = await DuckDBInstance.create(":memory:", { threads });
  const connection = await instance.connect();
  await connection.run(`copy (${query}) to '/dev/stdout' (format csv, header false)`);
})();
