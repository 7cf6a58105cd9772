-- The table that `pg-load --create --upsert city,timestamp` makes for weather records, for those who make their tables themselves.
CREATE TABLE IF NOT EXISTS weather_readings (
  timestamp      TIMESTAMP,  -- UTC
  city           TEXT,
  temperature_c  DOUBLE PRECISION,
  humidity       DOUBLE PRECISION,
  pressure       DOUBLE PRECISION,
  wind_speed     DOUBLE PRECISION,
  weather        TEXT,
  mod_high_temp  BOOLEAN,
  low_temp       BOOLEAN,
  temp_message   TEXT,
  advice         TEXT
);
CREATE INDEX IF NOT EXISTS weather_readings_timestamp_idx ON weather_readings (timestamp);
CREATE UNIQUE INDEX IF NOT EXISTS weather_readings_city_timestamp_key ON weather_readings (city, timestamp);
