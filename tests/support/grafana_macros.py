"""What Grafana makes of a query before it asks a store: variables, then macros. As much of it as examples/grafana uses; anything else is an error.

  $name ${name} ${name:raw}        the values, one as it is, several as {a,b}; for Prometheus as (a|b), a regular expression
  ${name:regex}                    the values as a regular expression: a, or (a|b), with what is special in them escaped
  $__timeFilter(column)            PostgreSQL: column BETWEEN 'from' AND 'to'
  $__timeGroupAlias(column, step)  PostgreSQL: the beginnings of steps, named "time"
  $timeFilter                      InfluxDB: time >= …ms and time <= …ms
  $__interval, $__rate_interval    a duration, such as 60s
"""
import datetime
import re


def escaped(text, store):
    """A text as a regular expression that only it matches; PromQL reads it within a string, where a backslash is two."""
    if store == "prometheus":
        return re.sub(r"([$^*{}\[\]'+?.()|])", r"\\\\\1", text)
    return re.sub(r"([\\^$*+?.()|\[\]{}/])", r"\\\1", text)


def several(values, opening, closing, between):
    return values[0] if len(values) == 1 else opening + between.join(values) + closing


def expand(query, store, values, start, end, step):
    """`values`: of each variable, a list. `start` and `end` are datetimes, `step` seconds."""
    def variable(match):
        name = match["braced"] or match["plain"]
        if name.startswith("__") or name == "timeFilter" or name.startswith("tag_"):
            return match[0]
        if name not in values:
            raise SystemExit(f"grafana: no such variable: {match[0]} in {query}")
        chosen, form = values[name], match["form"] or ("regex" if store == "prometheus" else "raw")
        if form == "regex":
            return several([escaped(each, store) for each in chosen], "(", ")", "|")
        assert form == "raw", match[0]
        return several(chosen, "{", "}", ",")

    query = re.sub(r"\$\{(?P<braced>\w+)(?::(?P<form>\w+))?\}|\$(?P<plain>[A-Za-z_]\w*)", variable, query)
    utc = [each.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") for each in (start, end)]
    if store == "postgres":
        query = re.sub(r"\$__timeFilter\((\w+)\)", rf"\1 BETWEEN '{utc[0]}' AND '{utc[1]}'", query)
        query = re.sub(r"\$__timeGroupAlias\((\w+), *\$__interval\)", rf'floor(extract(epoch FROM \1)/{step})*{step} AS "time"', query)
    if store == "influxdb":
        ms = [int(each.timestamp() * 1000) for each in (start, end)]
        query = query.replace("$timeFilter", f"time >= {ms[0]}ms and time <= {ms[1]}ms").replace("$__interval", f"{step}s")
    if store == "prometheus":
        query = query.replace("$__rate_interval", f"{step}s").replace("$__interval", f"{step}s")
    if re.search(r"\$(?!tag_)\w*[A-Za-z_{]", query.replace("$'", "").replace("$/", "")):
        raise SystemExit(f"grafana: what is this macro? {query}")
    return query
