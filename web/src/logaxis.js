// Logarithmic axes with round ticks: decades, or 1, 2 and 5 of each, or minutes, hours and days where
// times are that long. Charts draw the logarithm on a plain axis, so that ticks can stand anywhere.
import {duration, exact} from './numbers.js';

const kLong = [60, 120, 300, 600, 1800, 3600, 7200, 21600, 43200, 86400, 172800, 604800, 2592000, 7776000, 31536000, 157680000, 315360000];

function candidates(show, low, high, each) {
  const out = [];
  for (let k = Math.floor(Math.log10(low)) - 1; k <= Math.ceil(Math.log10(high)); ++k) {
    for (const digit of each) out.push(Number(`${digit}e${k}`));
  }
  const round = show === 'time' ? [...out.filter((x) => x < 50), ...kLong] : out;
  return round.filter((x) => x >= low * (1 - 1e-9) && x <= high * (1 + 1e-9));
}

/** At most `most` ticks of an axis from `low` to `high`, both above 0; values, not logarithms. */
export function logTicks(show, low, high, most) {
  for (const each of [[1, 1.5, 2, 3, 4, 5, 6, 8], [1, 2, 3, 5], [1, 2, 5], [1, 3], [1]]) {
    const ticks = candidates(show, low, high, each);
    if (ticks.length <= most) return ticks;
  }
  const ticks = candidates(show, low, high, [1]);
  const step = Math.ceil(ticks.length / most);
  return ticks.filter((_, i) => i % step === 0);
}

/** Of an axis in logarithms: {min, max, ticks}. */
export function logAxis(show, low, high, most) {
  if (!(high > 0)) [low, high] = [0.1, 1];
  if (!(low < high)) [low, high] = [low / 2, high * 2];
  return {min: Math.log10(low), max: Math.log10(high), ticks: logTicks(show, low, high, most).map(Math.log10)};
}

/** A value to three digits, or to those of a tick: "100 µs", "1 min 33 s", "3.2 ×". */
export function said(value, show, digits = 3) {
  const rounded = Number(value.toPrecision(digits));
  return show === 'time' ? duration(rounded) : exact(rounded, show);
}
