// Racks and links over time: the numbers behind the heat maps, the floor plan and the fabric, and
// what these share: names, colours, the stretch of time that is shown.
import {bounds} from './charts.js';
import {h} from './dom.js';
import {bytes, doubles, exact, scaleOf, tick} from './numbers.js';
import {dark} from './theme.js';

const kNone = 255;
const capital = (words) => words[0].toUpperCase() + words.slice(1);
const kNames = {down: 'Out of service', power: 'Power', use: 'Use'};

/** One map: rows by moments, of several quantities. */
export class PlaceMap {
  constructor(data, fabric = null) {
    this.data = data;
    this.all = data.rows.length;
    this.from = doubles(data.from);
    this.to = doubles(data.to);
    this.moments = this.to.length;
    const keys = data.keys.length;
    this.rows = data.rows.map((row, index) => ({index, first: row[keys], count: row[keys + 1],
      ...Object.fromEntries(data.keys.map((key, i) => [key, row[i]]))}))
      .filter((row) => fabric === null || row.fabric === fabric);
    this.places = this.rows.reduce((sum, row) => sum + row.count, 0);
    /** What is allocated of racks: accelerators, or cores; groups may differ. */
    this.kinds = [...new Set(this.rows.map((row) => row.of).filter(Boolean))];
    this.quantities = data.quantities.map((quantity) => ({...quantity, title: capital(quantity.name === 'allocated' ? `${this.kinds.join(' or ')} allocated`.trim() : kNames[quantity.name] ?? quantity.name),
      mean: quantity.mean ? bytes(quantity.mean) : null, greatest: quantity.greatest ? bytes(quantity.greatest) : null}));
    this.holders = data.holders ?? [];
    this.holder = data.holder ? bytes(data.holder) : null;
  }
  quantity(name) {
    return this.quantities.find((one) => one.name === name) ?? this.quantities[0];
  }
  value(quantity, which, moment, row) {
    if (quantity.top === 0) return 0;
    const byte = (quantity[which] ?? quantity.mean)[moment * this.all + row.index];
    return byte === kNone ? NaN : byte / 254 * quantity.top;
  }
  holds(moment, row) {
    const byte = this.holder[moment * this.all + row.index];
    return byte === kNone ? null : byte;
  }
  /** The moment that holds a time. */
  at(time) {
    let low = 0, high = this.moments - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.to[middle] < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
  /** Moments that lie, in part at least, between two times. */
  between(from, to) {
    const out = [];
    for (let i = 0; i < this.moments; ++i) if (this.to[i] > from && this.from[i] < to) out.push(i);
    return out;
  }
}

/** The name of a quantity where one row, or a group of rows, is meant. */
export const titleOf = (quantity, {of}) => quantity.name === 'allocated' && of ? `${of} allocated` : quantity.title.toLowerCase();

/** Consecutive rows of one name: a rack group, or the links of a tier in one direction. */
export function groupsOf(map) {
  const out = [];
  for (const row of map.rows) {
    const name = groupName(row);
    if (out.at(-1)?.name !== name) out.push({name, zone: row.zone, of: row.of, rows: [], places: 0});
    out.at(-1).rows.push(row);
    out.at(-1).places += row.count;
  }
  return out;
}

export const groupName = (row) => row.group ?? (row.way === 'across' ? row.tier : `${row.tier} ${row.way === 'up' ? '↑ up' : '↓ down'}`);
const sign = (row) => row.group === undefined ? 'link' : 'rack';
export function rowName(row) {
  if (row.from && row.to) return `${row.from} → ${row.to}`;
  const last = row.first + row.count - 1;
  return `${groupName(row)}, ${row.count > 1 ? `${sign(row)}s ${row.first} to ${last}` : `${sign(row)} ${row.first}`}`;
}

/** Light to dark on a light page, dark to light on a dark one: one hue a ramp, so that lightness
    alone, which everybody sees, tells the values apart. */
const kRamps = {
  light: {
    plain: ['#e8f0f8', '#bcd5ec', '#7fb0da', '#3f83bf', '#175a98', '#08305c'],
    warm: ['#fbeee4', '#f7cfae', '#ee9d66', '#d8672a', '#a63c0c', '#611d04'],
  },
  dark: {
    plain: ['#1d2b3a', '#20486d', '#2a6fa8', '#4f9bd8', '#97c9f3', '#e9f5ff'],
    warm: ['#33231a', '#6b3315', '#a94e17', '#e0772f', '#ffb37c', '#fff0e2'],
  },
};

export const stopsOf = (quantity) => kRamps[dark() ? 'dark' : 'light'][quantity.name === 'down' ? 'warm' : 'plain'];
const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

/** Colours of 256 steps from 0 to the top of the scale, as [red, green, blue]. */
export function ramp(quantity) {
  const stops = stopsOf(quantity).map(rgb);
  return Array.from({length: 256}, (_, i) => {
    const at = i / 255 * (stops.length - 1);
    const low = Math.min(Math.floor(at), stops.length - 2);
    return stops[low].map((c, j) => Math.round(c + (stops[low + 1][j] - c) * (at - low)));
  });
}

/** The greatest value of the scale: 100 % of a share that comes near to it. */
export function topOf(quantity) {
  if (quantity.unit === '1') return quantity.top > 0.5 ? Math.max(1, quantity.top) : quantity.top > 0 ? bounds(0, quantity.top, 4).max : 1;
  const scale = scaleOf(quantity.show, quantity.top);
  return quantity.top > 0 ? bounds(0, quantity.top / scale.factor, 4).max * scale.factor : 1;
}

export const stepOf = (value, top) => Math.max(0, Math.min(255, Math.round(value / top * 255)));
export const css = ([r, g, b]) => `rgb(${r},${g},${b})`;
export const luminance = ([r, g, b]) => (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;

/** The colour scale with its ends; `words` says what it stands for. */
export function scaleLegend(quantity, words) {
  const top = topOf(quantity);
  const scale = scaleOf(quantity.show, top);
  const text = (value) => `${tick(value, scale, top / 2)}${scale.unit ? `\u00a0${scale.unit}` : ''}`;
  return h('div', {class: 'ramp', role: 'img', 'aria-label': `Colour scale of ${words}: from 0 to ${text(top)}`},
    h('span', {}, text(0)), h('span', {class: 'bar', style: `background:linear-gradient(to right, ${stopsOf(quantity).join(', ')})`}),
    h('span', {}, text(top)), h('span', {class: 'quiet'}, words));
}

export const kMostColours = 7;
const kLetters = 'ABCDEFG';
export const letterOf = (holder) => holder < kMostColours ? kLetters[holder] : '…';

export function holderColour(of, holder) {
  if (holder === null) return of.band;
  return holder < kMostColours ? of.series[holder] : of.series[7];
}

export function holderLegend(map, of) {
  const some = map.holders.slice(0, kMostColours);
  const left = map.holders.length - some.length;
  const item = (colour, text) => h('li', {}, h('span', {class: 'swatch', style: `background:${colour}`, 'aria-hidden': 'true'}), text);
  return h('ul', {class: 'names', 'aria-label': `Colours of ${map.data.holder_kind}s`},
    some.map((name, i) => item(of.series[i], `${letterOf(i)}\u2002${name}`)),
    left > 0 ? item(of.series[7], `…\u2002${left} more`) : null, item(of.band, 'nobody'));
}

export const text = (quantity, value) => exact(value, quantity.show);

/** The stretch of time where there is no time series to share it with. */
export class Stretch {
  constructor(from, to) {
    Object.assign(this, {begin: from, end: to, from, to, followers: []});
  }
  zoom(from, to) {
    from = Math.max(this.begin, from);
    to = Math.min(this.end, to);
    if (to - from < (this.end - this.begin) * 1e-5) return;
    [this.from, this.to] = [from, to];
    for (const act of this.followers) act();
  }
  scale(factor) {
    const middle = (this.from + this.to) / 2, half = (this.to - this.from) / 2 * factor;
    this.zoom(middle - half, middle + half);
  }
  move(share) {
    const span = this.to - this.from;
    const from = Math.max(this.begin, Math.min(this.from + share * span, this.end - span));
    this.zoom(from, from + span);
  }
}
