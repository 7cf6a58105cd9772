# What the state contract needs to know of sqlite-load.
args=(--database rows.db)
output() { sqlite3 rows.db 'select line from records order by rowid'; }
other=(--database rows.db --table others)
passes=yes
