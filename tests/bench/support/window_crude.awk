# The task of `scripts/bench win-agg` on lines split at quotes, which holds for records of this very layout only: awk -F '"' -f
{
  k = substr($4, 1, 16) "," $8
  v = substr($15, 2) + 0
  if (!(k in n) || v < least[k]) least[k] = v
  if (!(k in n) || v > most[k]) most[k] = v
  ++n[k]
  sum[k] += v
}
END {
  for (k in n) printf "%s,%d,%.17g,%.17g,%.17g\n", k, n[k], least[k], most[k], sum[k] / n[k]
}
