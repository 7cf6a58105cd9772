// Degrees and pixels: an equirectangular map, true to scale at its middle. View: {lat, lon, scale}, scale in pixels a degree of latitude.

/** Metres in a degree of latitude. */
export const degree = 111195;

/** A difference of longitudes within ±180. */
export function wrap(degrees) {
  return degrees > 180 || degrees < -180 ? degrees - 360 * Math.round(degrees / 360) : degrees;
}

/** How much narrower a degree of longitude is at the view's middle; near the poles it does not vanish. */
export function squeeze(view) {
  return Math.max(0.1, Math.cos((view.lat * Math.PI) / 180));
}

export function toPixels(view, size, lat, lon) {
  return [size.width / 2 + wrap(lon - view.lon) * squeeze(view) * view.scale, size.height / 2 - (lat - view.lat) * view.scale];
}

export function toDegrees(view, size, x, y) {
  return [view.lat - (y - size.height / 2) / view.scale, wrap(view.lon + (x - size.width / 2) / (squeeze(view) * view.scale))];
}

/** The view with a place at a pixel, within what a map can show. */
export function viewWith(size, scale, lat, lon, x, y) {
  const least = Math.min(size.width / 400, size.height / 200);
  const kept = Math.min(2e7, Math.max(least, scale));
  const view = { scale: kept, lat: Math.max(-90, Math.min(90, lat + (y - size.height / 2) / kept)), lon: 0 };
  view.lon = wrap(lon - (x - size.width / 2) / (squeeze(view) * kept));
  return view;
}

/** The box that holds all points, the shorter way around the earth; null without any. */
export function boundsOf(points) {
  let south = Infinity;
  let north = -Infinity;
  let west = Infinity;
  let east = -Infinity;
  for (const { lat, lon } of points) {
    if (lat < south) south = lat;
    if (lat > north) north = lat;
    if (lon < west) west = lon;
    if (lon > east) east = lon;
  }
  if (south > north) return null;
  if (east - west > 180) {
    const sorted = Float64Array.from(points, (each) => each.lon).sort();
    let widest = sorted[0] + 360 - sorted.at(-1);
    for (let i = 1; i < sorted.length; ++i)
      if (sorted[i] - sorted[i - 1] > widest) {
        widest = sorted[i] - sorted[i - 1];
        west = sorted[i];
        east = sorted[i - 1] + 360;
      }
  }
  return { south, north, west, east };
}

/** The view that shows a box with some air; a single place with a kilometre around it. */
export function viewOf(bounds, size) {
  const lat = (bounds.south + bounds.north) / 2;
  const narrow = squeeze({ lat });
  const height = Math.max(bounds.north - bounds.south, 0.01);
  const width = Math.max((bounds.east - bounds.west) * narrow, 0.01);
  const scale = Math.min((size.width - 70) / width, (size.height - 70) / height) * 0.94;
  return viewWith(size, scale, lat, (bounds.west + bounds.east) / 2, size.width / 2, size.height / 2);
}

/** The least of 1, 2, 5 times a power of ten that is not below a number. */
export function niceAbove(number) {
  const power = 10 ** Math.floor(Math.log10(number));
  return [1, 2, 5, 10].map((each) => each * power).find((each) => each >= number * (1 - 1e-9));
}

/** The distance of the graticule's lines in degrees, at least some pixels apart. */
export function graticuleStep(pixels) {
  return pixels > 10 ? [15, 30, 45, 90].find((each) => each >= pixels) ?? 90 : niceAbove(pixels);
}

/** `52.5° N`, with the digits that a step needs. */
export function degreesText(value, step, letters) {
  const shown = letters === 'EW' ? wrap(value) : value;
  const text = Math.abs(shown).toFixed(Math.min(7, Math.max(0, -Math.floor(Math.log10(step) + 1e-9))));
  if (Number(text) === 0 || Math.abs(shown) === 180) return `${text}°`;
  return `${text}° ${shown > 0 ? letters[0] : letters[1]}`;
}

/** The length of a scale bar in metres that is at most some pixels long, and its text. */
export function scaleBar(view, most) {
  const metres = niceAbove((most * degree) / view.scale / 2.5);
  return { pixels: (metres / degree) * view.scale, text: metres >= 1000 ? `${metres / 1000} km` : metres >= 1 ? `${metres} m` : `${Number((metres * 100).toPrecision(1))} cm` };
}
