-- The hours of a sensor as a continuous aggregate of TimescaleDB, for a table that pg-load --hypertable has made:
--   psql -v sensor=TH1 -f hours.sql
-- A reading is stamped with the end of its quarter, so an hour is what is stamped 00:15 to 01:00; first_quarter is its first stamp. Records come
-- up to two days late: as far back as that the hours are computed again, every half hour.
SELECT :'sensor' || '_raw' AS raw, :'sensor' || '_hours' AS hours \gset
CREATE MATERIALIZED VIEW IF NOT EXISTS :"hours" WITH (timescaledb.continuous) AS
  SELECT time_bucket(INTERVAL '1 hour', timestamp, "offset" => INTERVAL '15 minutes') AS first_quarter,
         avg(value) AS avg, sum(value) AS sum, min(value) AS min, max(value) AS max, count(*) AS readings
  FROM :"raw" GROUP BY first_quarter WITH NO DATA;
SELECT add_continuous_aggregate_policy(format('%I', :'hours')::regclass, start_offset => INTERVAL '3 days', end_offset => INTERVAL '1 hour',
  schedule_interval => INTERVAL '30 minutes', if_not_exists => true);
