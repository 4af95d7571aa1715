// The finer level of an envelope: blocks of points with 12 bits each, of which only those are decoded
// that a zoom shows (src/report/page_fine.hpp has the format).
import {floats} from './numbers.js';

const kDigits = new Uint8Array(128);
[...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].forEach((sign, i) => { kDigits[sign.charCodeAt(0)] = i; });
const kSteps = 4094, kNone = 4095;
const kMostPoints = 2400;  // that are drawn of a line

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

  /**
   * What the charts draw from `from` to `to`, with one more on each side: points, or groups of `size` of them where
   * they are many.
   */
  window(from, to) {
    const [first, last] = [this.at(from), this.at(to)];
    const size = Math.ceil((last - first + 1) / kMostPoints);
    const begin = Math.max(0, Math.floor(first / size) - 1);
    const end = Math.min(Math.ceil(this.fine.points / size), Math.floor(last / size) + 2);
    const [starts, ends] = [new Float64Array(end - begin), new Float64Array(end - begin)];
    for (let i = begin; i < end; ++i) {
      starts[i - begin] = this.start(i * size);
      ends[i - begin] = this.stop(Math.min(this.fine.points, (i + 1) * size) - 1);
    }
    return {begin, end, size, from: starts, to: ends, envelope: this.fine.envelope || size > 1};
  }

  /** Of a column: {mean}, or {low, mean, high}. */
  values(index, {begin, end, size, envelope}) {
    const column = this.fine.columns[index];
    this.bounds[index] ??= {low: floats(column.low), high: floats(column.high)};
    const {low, high} = this.bounds[index];
    const {block, points} = this.fine;
    const [length, first, last] = [end - begin, begin * size, Math.min(points, end * size)];
    const digits = kDigits;
    /** Least, mean and greatest of each group; groups of one point are that point. */
    const read = (text) => {
      const least = new Float32Array(length).fill(NaN), mean = new Float32Array(length).fill(NaN), most = new Float32Array(length).fill(NaN);
      let [group, count, sum, low_, high_] = [0, 0, 0, Infinity, -Infinity];
      for (let i = first; i < last; ++i) {
        const code = digits[text.charCodeAt(2 * i)] << 6 | digits[text.charCodeAt(2 * i + 1)];
        if (code !== kNone) {
          const at = (i / block) | 0;
          const value = low[at] + code / kSteps * (high[at] - low[at]);
          ++count;
          sum += value;
          if (value < low_) low_ = value;
          if (value > high_) high_ = value;
        }
        if ((i + 1) % size !== 0 && i + 1 < last) continue;
        if (count > 0) [least[group], mean[group], most[group]] = [low_, sum / count, high_];
        ++group;
        [count, sum, low_, high_] = [0, 0, Infinity, -Infinity];
      }
      return {least, mean, most};
    };
    const values = read(column.values);
    if (!envelope) return {low: undefined, mean: values.mean, high: undefined};
    if (column.bucket_low === undefined) return {low: values.least, mean: values.mean, high: values.most};
    return {low: read(column.bucket_low).least, mean: values.mean, high: read(column.bucket_high).most};
  }
}
