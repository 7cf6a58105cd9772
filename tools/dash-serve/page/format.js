// Words and figures for people. All text goes into the page as text, never as markup.

/** The unit of a field: as given, or guessed from its name. */
export function unitOf(field, given = {}) {
  if (field in given) return given[field];
  const name = field.split('.').pop();
  const whole = { humidity: '%', pressure: 'hPa', wind_speed: 'm/s', battery: '%', co2: 'ppm', clouds: '%', visibility: 'm' };
  if (name in whole) return whole[name];
  const ends = [
    [/_c$|_celsius$/, '°C'], [/_f$/, '°F'], [/_percent$|_pct$/, '%'], [/_mm_s$/, 'mm/s'], [/_m_s$|_ms$/, 'm/s'], [/_hpa$/, 'hPa'],
    [/_kpa$/, 'kPa'], [/_bar$/, 'bar'], [/_kwh$/, 'kWh'], [/_wh$/, 'Wh'], [/_kw$/, 'kW'], [/_w$|_watts?$/, 'W'], [/_v$|_volts?$/, 'V'],
    [/_a$|_amps?$/, 'A'], [/_ppm$/, 'ppm'], [/_lux$/, 'lx'], [/_rpm$/, 'rpm'], [/_hz$/, 'Hz'], [/_db$/, 'dB'], [/_mm$/, 'mm'], [/_m3$/, 'm³'], [/_l$|_litres?$|_liters?$/, 'L'],
  ];
  return ends.find(([end]) => end.test(name))?.[1] ?? '';
}

/** `temperature_c` → `Temperature`; `indoor.co2_ppm` → `Indoor co2`. */
export function nameOf(field) {
  const plain = field.replace(/_(c|f|celsius|percent|pct|mm_s|hpa|kpa|kwh|wh|kw|w|v|ppm|lux|rpm|hz|db|m3)$/, '').replace(/[._]+/g, ' ').trim();
  return plain ? plain[0].toUpperCase() + plain.slice(1) : field;
}

const formats = new Map();
function numberFormat(digits) {
  if (!formats.has(digits)) formats.set(digits, new Intl.NumberFormat(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits }));
  return formats.get(digits);
}

const small = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 2 });

/** A number with as many digits as are worth reading. */
export function figure(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e9 || size < 1e-6)) return value.toExponential(2);
  if (size !== 0 && size < 1e-3) return small.format(value);
  if (Number.isInteger(value)) return numberFormat(0).format(value);
  return numberFormat(size >= 1000 ? 0 : size >= 1 ? 1 : size >= 0.1 ? 2 : 3).format(value);
}

export function withUnit(value, unit) {
  return unit ? `${figure(value)} ${unit}` : figure(value);
}

/** A change an hour: `180 W/h`, `0.5 m/s per h`. */
export function rate(perHour, unit) {
  const value = figure(Number(Math.abs(perHour).toPrecision(2)));
  return unit.includes('/') ? `${value} ${unit} per h` : unit ? `${value} ${unit}/h` : `${value}/h`;
}

const steps = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];

/** Seconds in the unit that fits: `3 s`, `22 h`. */
export function length(seconds) {
  const whole = Math.abs(seconds);
  if (whole >= 730 * 86400) return `${Math.round(whole / 86400 / 365.25)} years`;
  const [size, unit] = steps.find(([each]) => whole >= each * 0.995) ?? steps.at(-1);
  return `${Math.round(whole / size)} ${unit}`;
}

export function age(seconds) {
  return seconds < -5 ? `in ${length(seconds)}` : seconds < 1.5 ? 'now' : `${length(seconds)} ago`;
}

/** A moment as people write it here; the date where it is not today. */
export function moment(time) {
  const date = new Date(time);
  const today = date.toDateString() === new Date().toDateString();
  const options = { hour: '2-digit', minute: '2-digit', second: '2-digit' };
  if (!today) Object.assign(options, { day: 'numeric', month: 'short' });
  if (date.getFullYear() !== new Date().getFullYear()) options.year = 'numeric';
  return date.toLocaleString(undefined, options);
}

/** Makes an element: element('p', {className: 'x'}, 'text', other). */
export function element(name, properties = {}, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...inside);
  return made;
}

/** What one record or key breaks must not stop the others. */
export function guarded(what, work) {
  try {
    return work();
  } catch (problem) {
    console.warn(`${what}: ${problem}`);
    return undefined;
  }
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
