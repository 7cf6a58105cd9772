# A simulated town:   awk -v meters=1000 -f places.awk         where each meter is, {"meter","lat","lon","street","kw"}
#                     awk -v what=streets -f places.awk        its streets, as GeoJSON
#                     awk -v what=customers -f places.awk      whose meter it is, as CSV
# The same on every machine: meters stand along 40 streets around 51.5 N, 10.25 E. A real grid has a list of its own.
BEGIN {
  streets = 40
  for (s = 0; s < streets; s++) {
    angle = s * 2.399963
    far = 0.022 * sqrt((s + 0.5) / streets)
    along = s % 2 ? angle + 1.5708 : angle
    half = 0.003 + 0.004 * ((s * 7) % 10) / 10
    y0[s] = 51.5 + far * sin(angle) - half * sin(along)
    x0[s] = 10.25 + (far * cos(angle) - half * cos(along)) * 1.6
    y1[s] = y0[s] + 2 * half * sin(along)
    x1[s] = x0[s] + 2 * half * cos(along) * 1.6
  }
  if (what == "streets") {
    printf "{\"type\":\"MultiLineString\",\"coordinates\":["
    for (s = 0; s < streets; s++) printf "%s[[%.6f,%.6f],[%.6f,%.6f]]", s ? "," : "", x0[s], y0[s], x1[s], y1[s]
    print "]}"
    exit
  }
  if (what == "customers") print "meter,customer_id,address,account_status,lat,lon"
  for (i = 1; i <= (meters ? meters : 1000); i++) {
    s = i % streets
    part = (i * 7919 % 10007) / 10007
    aside = 0.00012 * (i % 3 - 1)
    if (what == "customers") {
      printf "m%06d,C-%06d,\"street %d, no. %d\",%s,%.6f,%.6f\n", i, 1000 + i * 37 % 100003, s + 1, 1 + int(i / streets), i % 17 ? "active" : "in arrears",
        y0[s] + part * (y1[s] - y0[s]) + aside, x0[s] + part * (x1[s] - x0[s]) + aside
      continue
    }
    printf "{\"meter\":\"m%06d\",\"lat\":%.6f,\"lon\":%.6f,\"street\":\"street %d\",\"kw\":null}\n", i, y0[s] + part * (y1[s] - y0[s]) + aside, x0[s] + part * (x1[s] - x0[s]) + aside, s + 1
  }
}
