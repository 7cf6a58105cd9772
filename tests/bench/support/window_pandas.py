"""The task of `scripts/bench win-agg` in pandas: window_pandas.py FILE. Rows as CSV."""
import sys

import pandas

frame = pandas.read_json(sys.argv[1], lines=True, convert_dates=["ts"])
rows = frame.groupby([frame["ts"].dt.floor("min"), "sensor"])["value"].agg(["count", "min", "max", "mean"])
rows.to_csv(sys.stdout, header=False, date_format="%Y-%m-%dT%H:%M")
