// Numbers on axes and in read-outs; those in tables come as text from the program.
const kUnits = {
  time: [[1e-6, 'µs'], [1e-3, 'ms'], [1, 's'], [60, 'min', 300], [3600, 'h', 10800], [86400, 'd', 345600]],
  power: [[1, 'W'], [1e3, 'kW'], [1e6, 'MW'], [1e9, 'GW']],
  energy: [[1, 'J'], [3600, 'Wh'], [3.6e6, 'kWh'], [3.6e9, 'MWh'], [3.6e12, 'GWh', 3.6e13]],
  accelerator_time: [[1, 'acc. s'], [3600, 'acc. h']],
  replica_time: [[1, 'replica s'], [3600, 'replica h']],
  server_time: [[1, 'server s'], [3600, 'server h']],
  money: [[1, 'USD'], [1e3, 'kUSD', 1e5], [1e6, 'MUSD', 1e7]],
  mass: [[1e-3, 'g'], [1, 'kg'], [1e3, 't', 1e4], [1e6, 'kt', 1e7]],
  volume: [[1e-3, 'L'], [1, 'm³']],
  bytes: [[1, 'B'], [1e3, 'kB'], [1e6, 'MB'], [1e9, 'GB'], [1e12, 'TB'], [1e15, 'PB']],
  data_rate: [[1, 'B/s'], [1e3, 'kB/s'], [1e6, 'MB/s'], [1e9, 'GB/s'], [1e12, 'TB/s']],
  rate: [[1, '/s'], [1e3, 'k/s', 1e4], [1e6, 'M/s', 1e7]],
  share: [[0.01, '%']],
  factor: [[1, '×']],
  count: [[1, ''], [1e3, 'k', 1e5], [1e6, 'M', 1e7], [1e9, 'G', 1e10]],
  number: [[1, '']],
};

/** The unit in which values up to `largest` are shown. */
export function scaleOf(show, largest) {
  const units = kUnits[show] ?? kUnits.number;
  let chosen = units[0];
  for (const unit of units) if (largest >= (unit[2] ?? unit[0])) chosen = unit;
  if (show === 'share') chosen = units[0];
  return {factor: chosen[0], unit: chosen[1]};
}

const group = (text) => {
  const [whole, rest] = text.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f');
  return rest ? `${grouped}.${rest}` : grouped;
};

/** The fewest decimals that write every multiple of `step` as it is: 2 for 0.25. */
function decimalsOf(step) {
  for (let decimals = 0; decimals < 9; ++decimals) {
    const shifted = step * 10 ** decimals;
    if (Math.round(shifted) > 0 && Math.abs(shifted - Math.round(shifted)) < 1e-6 * shifted) return decimals;
  }
  return 9;
}

/** A multiple of `step` as an axis shows it. */
export function tick(value, scale, step) {
  const shown = value / scale.factor;
  const decimals = step > 0 ? decimalsOf(step / scale.factor) : 2;
  return group((Object.is(shown, -0) ? 0 : shown).toFixed(decimals)).replace('-', '−');
}

export function exact(value, show) {
  if (value === null || Number.isNaN(value)) return '–';
  const scale = scaleOf(show, Math.abs(value));
  const shown = value / scale.factor;
  const size = Math.abs(shown);
  const decimals = Number.isInteger(shown) ? 0 : size >= 1000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : 3;
  return `${group(shown.toFixed(decimals)).replace('-', '−')}${scale.unit ? `\u00a0${scale.unit}` : ''}`;
}

const kSteps = [1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05,
  0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400,
  172800, 604800, 1209600, 2592000, 7776000, 31536000, 63072000, 157680000, 315360000];

/** A step of whole minutes, hours or days that gives at most `most` ticks. */
export function timeStep(span, most) {
  return kSteps.find((step) => span / step <= most) ?? span;
}

/** "13 h 53 min", "2 d 6 h": two units at most, the second only if it is not 0. */
export function duration(seconds, least = 0) {
  const sign = seconds < 0 ? '−' : '';
  let left = Math.abs(seconds);
  if (left < 1) {
    if (left === 0) return '0';
    return left < 1e-3 ? `${sign}${round(left * 1e6)} µs` : `${sign}${round(left * 1e3)} ms`;
  }
  if (least < 1 && left < 60) return `${sign}${round(left)} s`;
  left = Math.round(left);
  const parts = [];
  for (const [size, unit] of [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']]) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count}\u00a0${unit}`);
    else if (parts.length > 0) parts.push('');
  }
  return sign + parts.slice(0, 2).filter(Boolean).join(' ');
}

const round = (value) => Number(value.toPrecision(3));

export function floats(text) {
  return text === undefined ? undefined : new Float32Array(bytes(text).buffer);
}
export function doubles(text) {
  return new Float64Array(bytes(text).buffer);
}
export function bytes(text) {
  const binary = atob(text);
  const out = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; ++i) out[i] = binary.charCodeAt(i);
  return out;
}
