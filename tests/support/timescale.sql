-- A stand-in for TimescaleDB: it keeps the calls in timescale_calls. A hypertable is what create_hypertable was called for.
CREATE TABLE @extschema@.timescale_calls (id bigserial, call text);
CREATE TABLE @extschema@.timescale_tables (relation regclass PRIMARY KEY, time name, compressed boolean NOT NULL DEFAULT false);
CREATE SCHEMA timescaledb_information;
CREATE VIEW timescaledb_information.hypertables AS
  SELECT n.nspname AS hypertable_schema, c.relname AS hypertable_name, t.compressed AS compression_enabled
  FROM @extschema@.timescale_tables t JOIN pg_class c ON c.oid = t.relation JOIN pg_namespace n ON n.oid = c.relnamespace;

CREATE FUNCTION @extschema@.create_hypertable(relation regclass, time_column_name name, chunk_time_interval interval DEFAULT '7 days',
  create_default_indexes boolean DEFAULT true, if_not_exists boolean DEFAULT false) RETURNS record LANGUAGE plpgsql AS $$
DECLARE
  has_rows boolean;
BEGIN
  INSERT INTO @extschema@.timescale_calls (call) VALUES (format('create_hypertable %s %s %s', relation, time_column_name, chunk_time_interval));
  IF EXISTS (SELECT FROM @extschema@.timescale_tables t WHERE t.relation = create_hypertable.relation) THEN
    IF NOT if_not_exists THEN RAISE 'table "%" is already a hypertable', relation USING ERRCODE = 'TS110'; END IF;
    RAISE NOTICE 'table "%" is already a hypertable, skipping', relation;
    RETURN NULL;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = relation AND attname = time_column_name AND atttypid IN ('timestamptz'::regtype, 'timestamp'::regtype, 'bigint'::regtype)) THEN
    RAISE 'column "%" does not exist or cannot be a time', time_column_name USING ERRCODE = '42703';
  END IF;
  EXECUTE format('SELECT EXISTS (SELECT FROM %s)', relation) INTO has_rows;
  IF has_rows THEN RAISE 'table "%" is not empty', relation USING HINT = 'You can migrate data by specifying ''migrate_data => true'' when calling this function.'; END IF;
  IF EXISTS (SELECT FROM pg_index i WHERE indrelid = relation AND indisunique AND NOT EXISTS
      (SELECT FROM pg_attribute a WHERE a.attrelid = relation AND a.attname = time_column_name AND a.attnum = ANY (i.indkey))) THEN
    RAISE 'cannot create a unique index without the column "%" (used in partitioning)', time_column_name USING ERRCODE = 'TS103';
  END IF;
  EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET NOT NULL', relation, time_column_name);
  INSERT INTO @extschema@.timescale_tables VALUES (relation, time_column_name);
  RETURN NULL;
END $$;

CREATE FUNCTION @extschema@.add_compression_policy(hypertable regclass, compress_after interval, if_not_exists boolean DEFAULT false) RETURNS integer LANGUAGE sql AS $$
  INSERT INTO @extschema@.timescale_calls (call) VALUES (format('add_compression_policy %s %s %s', hypertable, compress_after, if_not_exists)) RETURNING 1 $$;
CREATE FUNCTION @extschema@.add_retention_policy(relation regclass, drop_after interval, if_not_exists boolean DEFAULT false) RETURNS integer LANGUAGE sql AS $$
  INSERT INTO @extschema@.timescale_calls (call) VALUES (format('add_retention_policy %s %s %s', relation, drop_after, if_not_exists)) RETURNING 1 $$;
