"""Windows of a lake by win-agg, run by Spark:

    spark-submit --py-files weir_spark.py windows.py [--format ndjson|parquet] [--key FIELD] [--time FIELD] [--partitions N] LAKE OUT -- win-agg …

LAKE is a folder or bucket that lake-load fills. OUT is a folder of text files, which Spark makes; it must not be there.
"""
import argparse

from pyspark.sql import SparkSession

import weir_spark


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--format", choices=("ndjson", "parquet"), default="ndjson")
    parser.add_argument("--key", default="sensor", help="the field of --by: its records are kept together")
    parser.add_argument("--time", default="timestamp")
    parser.add_argument("--partitions", type=int, default=8)
    parser.add_argument("lake")
    parser.add_argument("out")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    spark = SparkSession.builder.appName("weir-windows").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    lines = weir_spark.together(weir_spark.lines_of(spark, options.lake, options.format), options.key, options.time, options.partitions)
    weir_spark.pipe(lines, options.command).saveAsTextFile(options.out)
    spark.stop()


if __name__ == "__main__":
    main()
