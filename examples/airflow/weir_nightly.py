"""The night's batch of the weather pipeline: what has come since the last night goes into PostgreSQL, as readings and as hours; tomorrow's
figures; the day's mails. The data, .env (chmod 600) and subscribers.csv are in WEATHER_DIR, the tools in the PATH of the worker."""
import os
import subprocess
from datetime import datetime

from airflow.exceptions import AirflowException, AirflowFailException
from airflow.sdk import CronDataIntervalTimetable, dag, task

# A pipeline with state takes what its last run has not committed, so a try that is killed anywhere is made good by the next one.
# Airflow tries again, and pipe-run does not.
LOAD = ("pipe-run --max-restarts 0 --state load.state --"
        " 'csv-tail readings.csv | weather-advise --max-gap 3h | pg-load --quiet --table weather_readings --create'")
# Without state: rows that are there are replaced by equal ones, a file as a whole, and nobody gets a mail that is noted in --sent. The hour
# that is not over is left to the next night.
DOWNSAMPLE = ("csv-tail readings.csv | win-agg --every 1h --by city --lateness 10m --drop-partial"
              " --agg 'avg(temperature_c) as mean, min(temperature_c) as least, max(temperature_c) as most, count() as n'"
              " | pg-load --quiet --table weather_hours --create --upsert city,window_start")
PREDICT = ("csv-tail readings.csv | polyfit-predict --by city --field temperature_c,humidity --bounds humidity=0..100 --last 50 --ahead 24h"
           " >predictions.tmp && mv predictions.tmp predictions.ndjson")
MAIL = 'csv-tail readings.csv | summary-mail --quiet --date "$DAY" --subscribers subscribers.csv --sent sent.ndjson'


def step(name: str, command: str):
    """A task that runs a command in WEATHER_DIR, with the day that is over in DAY."""

    @task(task_id=name)
    def run(data_interval_start=None):
        folder = os.environ.get("WEATHER_DIR", ".")
        environment = dict(os.environ, DAY=data_interval_start.strftime("%Y-%m-%d"))
        status = subprocess.run(["bash", "-o", "pipefail", "-c", command], check=False, cwd=folder, env=environment).returncode
        if status in (2, 3):  # wrong usage, or a state that a person must look at: another try would not help
            raise AirflowFailException(f"{name} ended with {status}: see the log above and weir-recipes(7)")
        if status != 0:
            raise AirflowException(f"{name} ended with {status}")

    return run()


@dag(schedule=CronDataIntervalTimetable("0 0 * * *", timezone="UTC"), start_date=datetime(2026, 1, 1), catchup=False, max_active_runs=1,
     default_args={"retries": 2}, tags=["weir"])
def weir_nightly():
    load, predict, mail, downsample = step("load", LOAD), step("predict", PREDICT), step("mail", MAIL), step("downsample", DOWNSAMPLE)
    load >> predict >> mail
    load >> downsample


weir_nightly()
