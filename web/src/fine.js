// The finer level of an envelope: blocks of points with 12 bits each, of which only those are decoded
// that a zoom shows (src/report/page_fine.hpp has the format).
import {floats} from './numbers.js';

const kDigits = new Uint8Array(128);
[...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].forEach((sign, i) => { kDigits[sign.charCodeAt(0)] = i; });
const kSteps = 4094, kNone = 4095;
const kMostPoints = 8000;  // that are drawn of a line

export class Fine {
  /** `rows`: of the series; `begin`: of its first row. */
  constructor(fine, rows, begin) {
    Object.assign(this, {fine, rows, begin});
    this.bounds = fine.columns.map(() => null);
  }

  /** The point within which a moment lies. */
  at(time) {
    const row = Math.max(0, Math.min(this.rows - 1, Math.floor((time - this.begin) / this.fine.step)));
    return Math.ceil((row + 1) * this.fine.points / this.rows) - 1;
  }
  /** Where a point begins. */
  start(point) {
    return this.begin + Math.floor(point * this.rows / this.fine.points) * this.fine.step;
  }
  /** Where it ends: the last row may be shorter. */
  stop(point) {
    return point + 1 >= this.fine.points ? this.fine.end : this.start(point + 1);
  }

  /** Points from `from` to `to` with one more on each side, or null where they are too many. */
  window(from, to) {
    const first = Math.max(0, this.at(from) - 2);
    const last = Math.min(this.fine.points - 1, this.at(to) + 2);
    if (last - first > kMostPoints) return null;
    const [starts, ends] = [new Float64Array(last - first + 1), new Float64Array(last - first + 1)];
    for (let i = first; i <= last; ++i) {
      starts[i - first] = this.start(i);
      ends[i - first] = this.stop(i);
    }
    return {first, last, from: starts, to: ends};
  }

  /** Of a column: {mean}, or {low, mean, high}. */
  values(index, {first, last}) {
    const column = this.fine.columns[index];
    this.bounds[index] ??= {low: floats(column.low), high: floats(column.high)};
    const {low, high} = this.bounds[index];
    const read = (text) => {
      const out = new Float32Array(last - first + 1);
      for (let i = first; i <= last; ++i) {
        const code = kDigits[text.charCodeAt(2 * i)] << 6 | kDigits[text.charCodeAt(2 * i + 1)];
        const block = Math.floor(i / this.fine.block);
        out[i - first] = code === kNone ? NaN : low[block] + code / kSteps * (high[block] - low[block]);
      }
      return out;
    };
    return this.fine.envelope
      ? {low: read(column.bucket_low), mean: read(column.values), high: read(column.bucket_high)} : {low: undefined, mean: read(column.values), high: undefined};
  }
}
