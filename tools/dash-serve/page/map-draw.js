// What is drawn on the map's canvas besides the points of keys.
import { degreesText, graticuleStep, scaleBar, squeeze, toDegrees, toPixels, wrap } from './projection.js';

const mostVertices = 200000;

/** Text that stands out from what is beneath it. */
function write(context, text, x, y, styles) {
  context.lineWidth = 3;
  context.strokeStyle = styles.sheet;
  context.fillStyle = styles.ink;
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
}

/** Lines of latitude and longitude with their degrees. */
export function drawGraticule(context, view, size, styles) {
  const [north, west] = toDegrees(view, size, 0, 0);
  const south = toDegrees(view, size, 0, size.height)[0];
  const across = size.width / (squeeze(view) * view.scale);
  const narrow = size.width < 500;
  const latStep = graticuleStep((narrow ? 60 : 80) / view.scale);
  const lonStep = graticuleStep((narrow ? 60 : 110) / (squeeze(view) * view.scale));
  context.save();
  context.font = '11px system-ui, sans-serif';
  context.textBaseline = 'middle';
  context.strokeStyle = styles.grid;
  context.lineWidth = 1;
  const lats = [];
  for (let i = Math.ceil(Math.max(-90, south) / latStep); i * latStep <= Math.min(90, north); ++i) lats.push(i * latStep);
  const lons = [];
  const from = view.lon - Math.min(180, across / 2);
  for (let i = Math.ceil(from / lonStep); i * lonStep <= view.lon + Math.min(180, across / 2); ++i) lons.push(i * lonStep);
  context.beginPath();
  for (const lat of lats) {
    const y = Math.round(toPixels(view, size, lat, view.lon)[1]) + 0.5;
    context.moveTo(0, y);
    context.lineTo(size.width, y);
  }
  const pixelOf = (lon) => Math.round(size.width / 2 + (lon - view.lon) * squeeze(view) * view.scale) + 0.5;
  for (const lon of lons) {
    context.moveTo(pixelOf(lon), 0);
    context.lineTo(pixelOf(lon), size.height);
  }
  context.stroke();
  for (const lat of lats) {
    const y = toPixels(view, size, lat, west)[1];
    if (y > 12 && y < size.height - 26) write(context, degreesText(lat, latStep, 'NS'), 6, y, styles);
  }
  context.textAlign = 'center';
  for (const lon of lons) if (pixelOf(lon) > 34 && pixelOf(lon) < size.width - 34) write(context, degreesText(wrap(lon), lonStep, 'EW'), pixelOf(lon), size.height - 10, styles);
  context.restore();
}

/** A bar of a round number of metres. */
export function drawScale(context, view, size, styles) {
  const { pixels, text } = scaleBar(view, 150);
  const x = size.width - 14 - pixels;
  const y = size.height - 30;
  context.save();
  context.font = '11px system-ui, sans-serif';
  context.textAlign = 'center';
  for (const [width, color] of [[5, styles.sheet], [2, styles.ink]]) {
    context.lineWidth = width;
    context.strokeStyle = color;
    context.beginPath();
    context.moveTo(x, y - 5);
    context.lineTo(x, y);
    context.lineTo(x + pixels, y);
    context.lineTo(x + pixels, y - 5);
    context.stroke();
  }
  write(context, text, x + pixels / 2, y - 8, styles);
  context.restore();
}

/** An alert's point: a triangle, so that it is told by its shape too. */
export function mark(context, x, y, color, edge) {
  context.beginPath();
  context.moveTo(x, y - 9);
  context.lineTo(x + 8, y + 5.5);
  context.lineTo(x - 8, y + 5.5);
  context.closePath();
  context.fillStyle = color;
  context.strokeStyle = edge;
  context.lineWidth = 1.5;
  context.lineJoin = 'round';
  context.fill();
  context.stroke();
}

/** GeoJSON as lists of lines, each [[lon, lat], …] and `closed`; what is not a place is left out. */
export function readOutline(map) {
  const lines = [];
  let vertices = 0;
  const line = (list, closed) => {
    if (!Array.isArray(list)) return;
    const kept = list.filter((each) => Array.isArray(each) && Number.isFinite(each[0]) && Number.isFinite(each[1])).slice(0, mostVertices - vertices);
    vertices += kept.length;
    if (kept.length > 1) lines.push({ points: kept, closed });
  };
  const each = (list, does) => Array.isArray(list) && list.forEach(does);
  const take = (object, depth) => {
    if (typeof object !== 'object' || object === null || depth > 20 || vertices >= mostVertices) return;
    const { type, coordinates } = object;
    if (type === 'FeatureCollection') each(object.features, (inner) => take(inner, depth + 1));
    else if (type === 'Feature') take(object.geometry, depth + 1);
    else if (type === 'GeometryCollection') each(object.geometries, (inner) => take(inner, depth + 1));
    else if (type === 'LineString') line(coordinates, false);
    else if (type === 'MultiLineString') each(coordinates, (inner) => line(inner, false));
    else if (type === 'Polygon') each(coordinates, (inner) => line(inner, true));
    else if (type === 'MultiPolygon') each(coordinates, (polygon) => each(polygon, (inner) => line(inner, true)));
  };
  take(map, 0);
  if (vertices >= mostVertices) console.warn(`the outline has more than ${mostVertices} corners: the rest is left out`);
  return lines;
}

export function drawOutline(context, view, size, outline, styles) {
  const narrow = squeeze(view) * view.scale;
  const path = new Path2D();
  const open = new Path2D();
  for (const { points, closed } of outline) {
    const to = closed ? path : open;
    // Each corner follows the one before, so a line across the date line is not torn.
    let lon = view.lon + wrap(points[0][0] - view.lon);
    points.forEach((point, i) => {
      lon += i === 0 ? 0 : wrap(point[0] - points[i - 1][0]);
      to[i === 0 ? 'moveTo' : 'lineTo'](size.width / 2 + (lon - view.lon) * narrow, size.height / 2 - (point[1] - view.lat) * view.scale);
    });
    if (closed) to.closePath();
  }
  context.fillStyle = styles.land;
  context.lineWidth = 1.2;
  context.fill(path, 'evenodd');
  context.strokeStyle = styles.ink;
  context.globalAlpha = 0.4;
  context.stroke(path);
  context.stroke(open);
  context.globalAlpha = 1;
}
