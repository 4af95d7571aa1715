// A heat map: racks or links from top to bottom, time from left to right, in the stretch of time
// that the series show. Where a point of the screen holds several values, the greatest is drawn.
import {axis, basics, Chart} from './charts.js';
import {copy, csv, fresh, h, tell} from './dom.js';
import {duration, timeStep} from './numbers.js';
import {css, groupName, groupsOf, holderColour, holderLegend, ramp, rowName, scaleLegend, stepOf, text, titleOf, topOf} from './places.js';
import {colours, onTheme} from './theme.js';

const kLeft = 64, kRight = 16, kHead = 20, kGap = 6, kAxis = 26;
const kMostHeads = 16;  // groups that have a heading of their own
const kMostNamed = 40;  // rows that have their names beside them
const kMostTableRows = 200;

const hex = (colour) => /^#/.test(colour) ? [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16)) : colour.match(/\d+/g).slice(0, 3).map(Number);

const pixel = ([r, g, b]) => (255 << 24 | b << 16 | g << 8 | r) >>> 0;  // of a canvas, on a machine with the low byte first

export class HeatMap {
  /** `what`: {name, which} of the quantity that is shown, or {holders: true}. */
  constructor({map, time, title, noun, what, moment = null, pick = null}) {
    Object.assign(this, {map, time, title, noun, what, moment, pick});
    this.groups = groupsOf(map);
    this.heads = this.groups.length <= kMostHeads;
    this.named = map.rows.length <= kMostNamed && map.rows.every((row) => row.from && row.to);
    time.followers.push(() => this.draw());
  }

  /** Room for names, where the rows have some and the screen is wide; else the axis is that of the series. */
  get left() { return this.named && this.canvas.clientWidth >= 640 ? 180 : kLeft; }
  get quantity() { return this.map.quantity(this.what.name); }

  show(what) {
    this.what = what;
    this.draw();
  }
  mark(moment) {
    this.moment = moment;
    this.chart?.draw();
  }

  /** Places of the groups from the top, in pixels. */
  layout() {
    const room = Math.max(160, Math.min(460, this.map.rows.length * 14));
    const each = Math.max(1, Math.min(16, room / this.map.rows.length));
    let y = 4;
    const strips = this.groups.map((group) => {
      if (this.heads) y += kHead;
      const strip = {group, top: y, height: Math.max(3, group.rows.length * each)};
      y += strip.height + (this.heads ? kGap : 1);
      return strip;
    });
    return {strips, height: Math.round(y)};
  }

  element() {
    const {height} = this.layout();
    this.canvas = h('div', {class: 'chart drawn', style: `height:${height + kAxis}px`});
    this.now = h('p', {class: 'small now', 'aria-hidden': 'true'}, '\u00a0');
    this.legend = h('div');
    const about = fresh('about');
    this.about = h('p', {class: 'offscreen', id: about});
    this.figure = h('figure', {class: 'panel heat'},
      h('figcaption', {}, h('h3', {}, this.title), h('button', {class: 'plain copy', 'aria-label': `Copy CSV of ${this.title}`, onclick: () => copy(this.csv(), `${this.title} as CSV`)}, 'Copy CSV')),
      this.legend,
      h('div', {tabindex: 0, role: 'group', 'aria-roledescription': 'heat map', 'aria-label': `${this.title}`,
        'aria-describedby': about, onkeydown: (event) => this.key(event)}, this.canvas), this.about, this.now, this.table());
    this.chart = new Chart(this.canvas, (of) => this.option(of), {renderer: 'canvas', ready: (chart) => this.listen(chart)});
    onTheme(() => this.paintLegend());
    this.describe();
    return this.figure;
  }

  paintLegend() {
    const which = this.what.which === 'greatest' ? 'greatest of each row and moment' : this.map.rows.some((row) => row.count > 1) ? 'mean of each row' : '';
    this.legend.replaceChildren(this.what.holders ? holderLegend(this.map, colours())
      : scaleLegend(this.quantity, [this.quantity.title.toLowerCase(), which].filter(Boolean).join(', ')));
  }

  /** A strip as pixels: of what falls on one, the greatest. */
  picture(strip, width, ratio, of) {
    const canvas = document.createElement('canvas');
    const [w, tall] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(strip.height * ratio))];
    Object.assign(canvas, {width: w, height: tall});
    const context = canvas.getContext('2d');
    const image = context.createImageData(w, tall);
    const pixels = new Uint32Array(image.data.buffer);
    const {map, time} = this;
    const {rows} = strip.group;
    const span = time.to - time.from;
    const columns = Array.from({length: w}, (_, x) => {
      const [left, right] = [time.from + x / w * span, time.from + (x + 1) / w * span];
      if (right <= map.from[0] || left >= map.to.at(-1)) return null;
      return [map.at(left + 1e-9 * span), map.at(right - 1e-9 * span)];
    });
    const colour = this.what.holders ? this.holderPixels(of) : this.valuePixels(of);
    let before = null;
    for (let y = 0; y < tall; ++y) {
      const low = Math.floor(y / tall * rows.length);
      const high = Math.max(low, Math.ceil((y + 1) / tall * rows.length - 1e-9) - 1);
      if (before && before.low === low && before.high === high) pixels.copyWithin(y * w, before.y * w, (before.y + 1) * w);
      else for (let x = 0; x < w; ++x) pixels[y * w + x] = colour(columns[x], rows, low, high);
      before = {low, high, y};
    }
    context.putImageData(image, 0, 0);
    return canvas;
  }

  /** Colours of the greatest value among moments and rows. */
  valuePixels(of) {
    const {map, quantity, what} = this;
    const top = topOf(quantity), blank = pixel(hex(of.paper)), steps = ramp(quantity).map(pixel);
    return (moments, rows, low, high) => {
      if (!moments) return blank;
      let most = NaN;
      for (let moment = moments[0]; moment <= moments[1]; ++moment) {
        for (let row = low; row <= high; ++row) {
          const value = map.value(quantity, what.which, moment, rows[row]);
          if (!(most >= value) && !Number.isNaN(value)) most = value;
        }
      }
      return Number.isNaN(most) ? blank : steps[stepOf(most, top)];
    };
  }

  holderPixels(of) {
    const {map} = this;
    const blank = pixel(hex(of.paper)), nobody = pixel(hex(of.band)), names = map.holders.map((_, i) => pixel(hex(holderColour(of, i))));
    return (moments, rows, low) => {
      if (!moments) return blank;
      const holder = map.holds(moments[1], rows[low]);
      return holder === null ? nobody : names[holder];
    };
  }

  option(of) {
    const {time, left} = this;
    const {strips, height} = this.layout();
    const width = Math.max(120, (this.canvas.clientWidth || 900) - left - kRight);
    const ratio = Math.min(2, devicePixelRatio || 1);
    const step = timeStep(time.to - time.from, Math.max(2, Math.floor(width / 110)));
    const values = [];
    for (let t = Math.ceil(time.from / step - 1e-9) * step; t <= time.to + step * 1e-6; t += step) values.push(t);
    const pictures = strips.map((strip) => this.picture(strip, width, ratio, of));
    return {
      ...basics(of),
      grid: {left, right: kRight, top: 0, bottom: kAxis},
      xAxis: axis(of, {type: 'value', min: time.from, max: time.to, splitLine: {show: false},
        axisTick: {show: true, customValues: values, lineStyle: {color: of.line}},
        axisLabel: {color: of.quiet, fontSize: 12, customValues: values, hideOverlap: true, formatter: (value) => duration(value, step)}}),
      yAxis: {type: 'value', min: 0, max: height, show: false},
      series: [{type: 'custom', silent: true, data: [0], renderItem: () => ({type: 'group', children: [
        ...strips.flatMap((strip, i) => [
          {type: 'image', style: {image: pictures[i], x: left, y: strip.top, width, height: strip.height}},
          ...this.words(of, strip, width)]),
        ...this.markOf(of, width, strips)]})}],
    };
  }

  /** The heading of a strip and the numbers of its rows, where there is room. */
  words(of, {group, top, height}, width) {
    const out = [];
    const {left} = this;
    const put = (x, y, content, more) => out.push({type: 'text', style: {x, y, text: content, fill: of.quiet, fontSize: 11, ...more}});
    if (this.heads) {
      const noun = group.places === 1 ? this.noun : `${this.noun}s`;
      const kind = this.map.kinds.length > 1 ? ` · ${group.of}` : '';
      const shared = group.rows[0].count > 1 ? `, ${group.rows[0].count} to a row` : '';
      put(left, top - 5, `{name|${group.name}}  ${group.places.toLocaleString('en').replaceAll(',', '\u202f')} ${noun}${shared}${kind}`,
        {verticalAlign: 'bottom', fontSize: 12, width, overflow: 'truncate', rich: {name: {fill: of.text, fontSize: 13, fontWeight: 600}}});
    } else if (height >= 11) {
      put(left - 6, top + height / 2, group.name, {align: 'right', verticalAlign: 'middle', width: left - 8, overflow: 'truncate'});
    }
    if (this.named && left > kLeft) {
      group.rows.forEach((row, i) => put(left - 8, top + (i + 0.5) / group.rows.length * height, rowName(row), {align: 'right', verticalAlign: 'middle', width: left - 12, overflow: 'truncate'}));
      return out;
    }
    if (!this.heads || group.rows.length < 2) return out;
    const every = Math.ceil(18 / (height / group.rows.length));
    const nice = [1, 2, 4, 5, 8, 10, 16, 20, 32, 40, 50, 64, 100, 128, 200, 256, 500].find((n) => n >= every) ?? every;
    for (let i = 0; i < group.rows.length; i += nice) {
      if (i > 0 && i + every / 2 > group.rows.length) break;
      put(left - 6, top + (i + 0.5) / group.rows.length * height, String(group.rows[i].first), {align: 'right', verticalAlign: 'middle'});
    }
    return out;
  }

  /** The moment, as a line over the strips: headings stay free. */
  markOf(of, width, strips) {
    const {map, time, moment, left} = this;
    if (moment === null) return [];
    const at = (map.from[moment] + map.to[moment]) / 2;
    if (at < time.from || at > time.to) return [];
    const x = left + (at - time.from) / (time.to - time.from) * width;
    return [3, 1.2].flatMap((lineWidth, i) => strips.map(({top, height}) => (
      {type: 'line', shape: {x1: x, x2: x, y1: top - 1, y2: top + height + 1}, style: {stroke: i === 0 ? of.paper : of.text, lineWidth}})));
  }

  draw() {
    this.chart?.draw();
    this.describe();
    if (this.details?.open) this.fill();
  }

  place(x, y) {
    const {map, time, left} = this;
    const width = this.canvas.clientWidth - left - kRight;
    const at = time.from + (x - left) / width * (time.to - time.from);
    const strip = this.layout().strips.find((one) => y >= one.top && y < one.top + one.height);
    if (!strip || at < time.from || at > time.to || x < left) return null;
    const row = strip.group.rows[Math.min(strip.group.rows.length - 1, Math.floor((y - strip.top) / strip.height * strip.group.rows.length))];
    return {row, moment: map.at(at)};
  }

  listen(chart) {
    const {time} = this;
    const drawing = chart.getZr();
    const timeOf = (x) => time.from + (x - this.left) / (this.canvas.clientWidth - this.left - kRight) * (time.to - time.from);
    drawing.on('mousemove', (event) => this.read(this.place(event.offsetX, event.offsetY)));
    drawing.on('globalout', () => this.read(null));
    drawing.on('dblclick', () => time.zoom(time.begin, time.end));
    this.canvas.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      const box = this.canvas.getBoundingClientRect();
      const start = event.clientX - box.left;
      const selection = h('div', {class: 'selection'});
      const move = (now) => {
        const x = now.clientX - box.left;
        if (!selection.isConnected && Math.abs(x - start) > 3) this.canvas.append(selection);
        selection.style.left = `${Math.min(start, x)}px`;
        selection.style.width = `${Math.abs(x - start)}px`;
      };
      const up = (now) => {
        removeEventListener('pointermove', move);
        removeEventListener('pointerup', up);
        selection.remove();
        const x = now.clientX - box.left;
        if (Math.abs(x - start) > 5) time.zoom(Math.min(timeOf(start), timeOf(x)), Math.max(timeOf(start), timeOf(x)));
        else if (this.pick) {
          const found = this.place(x, now.clientY - box.top);
          if (found) this.pick(found.moment);
        }
      };
      addEventListener('pointermove', move);
      addEventListener('pointerup', up);
    });
    new ResizeObserver(() => this.chart.draw()).observe(this.canvas);
  }

  read(found) {
    if (!found) {
      this.now.textContent = '\u00a0';
      return;
    }
    const {map} = this;
    const {row, moment} = found;
    const holder = map.holder ? map.holds(moment, row) : null;
    const values = map.quantities.filter((one) => one.top > 0).map((one) => {
      const [mean, most] = [map.value(one, 'mean', moment, row), map.value(one, 'greatest', moment, row)];
      return `${titleOf(one, row)} ${text(one, mean)}${most > mean ? ` (greatest ${text(one, most)})` : ''}`;
    });
    this.now.textContent = `${rowName(row)}, ${duration(map.from[moment])} to ${duration(map.to[moment])}: ${values.join(', ')}${holder === null ? '' : `; ${map.holders[holder]} holds most`}`;
  }

  key(event) {
    const {time} = this;
    const act = {'+': () => time.scale(0.5), '=': () => time.scale(0.5), '-': () => time.scale(2),
      ArrowLeft: () => time.move(-0.25), ArrowRight: () => time.move(0.25), 0: () => time.zoom(time.begin, time.end)}[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
    tell(`${duration(time.from)} to ${duration(time.to)}`);
  }

  /** Of each row, in what is shown: mean, greatest, and when that was. */
  facts() {
    const {map, time} = this;
    const moments = map.between(time.from, time.to);
    return map.rows.map((row) => {
      let sum = 0, length = 0, most = -Infinity, when = moments[0];
      for (const moment of moments) {
        const value = map.value(this.quantity, 'mean', moment, row), high = map.value(this.quantity, 'greatest', moment, row);
        if (Number.isNaN(value)) continue;
        const long = map.to[moment] - map.from[moment];
        sum += value * long;
        length += long;
        if (high > most) [most, when] = [high, moment];
      }
      return {row, mean: length > 0 ? sum / length : NaN, most: length > 0 ? most : NaN, when};
    });
  }

  describe() {
    this.paintLegend();
    const facts = this.facts().filter((one) => !Number.isNaN(one.mean));
    if (facts.length === 0) return;
    const {quantity, time, map} = this;
    const most = facts.reduce((a, b) => b.most > a.most ? b : a);
    const mean = facts.reduce((sum, one) => sum + one.mean * one.row.count, 0) / facts.reduce((sum, one) => sum + one.row.count, 0);
    this.about.textContent = `${duration(time.from)} to ${duration(time.to)}, ${map.rows.length} rows. ${quantity.title}: mean ${text(quantity, mean)}, greatest ${text(quantity, most.most)} in ${rowName(most.row)} until ${duration(map.to[most.when])}.`;
  }

  csv() {
    const {map, time, quantity} = this;
    const unit = quantity.unit === '1' ? '' : ` (${quantity.unit})`;
    const rows = [];
    for (const moment of map.between(time.from, time.to)) {
      for (const row of map.rows) {
        rows.push([map.from[moment], map.to[moment], groupName(row), row.first, row.count, map.value(quantity, 'mean', moment, row), map.value(quantity, 'greatest', moment, row),
          ...(map.holder ? [map.holds(moment, row) === null ? '' : map.holders[map.holds(moment, row)]] : [])]);
      }
    }
    return csv([['from_s', 'to_s', 'group', 'first', 'count', `${quantity.name}${unit}`, `${quantity.name}, greatest${unit}`, ...(map.holder ? [map.data.holder_kind] : [])], ...rows]);
  }

  table() {
    this.body = h('div', {class: 'tables', tabindex: 0, role: 'region', 'aria-label': `${this.title}, as a table`});
    this.details = h('details', {ontoggle: () => { if (this.details.open) this.fill(); }}, h('summary', {}, 'As a table'), this.body);
    return this.details;
  }
  fill() {
    const {map, quantity} = this;
    const facts = this.facts().sort((a, b) => b.most - a.most);
    const left = facts.length - kMostTableRows;
    this.body.replaceChildren(h('table', {},
      h('thead', {}, h('tr', {}, ['row', `${quantity.title.toLowerCase()}, mean`, 'greatest', 'until'].map((name, i) => h('th', {scope: 'col', class: i === 1 || i === 2 ? 'number' : null}, name)))),
      h('tbody', {}, facts.slice(0, kMostTableRows).map((one) => h('tr', {}, h('th', {scope: 'row'}, rowName(one.row)),
        h('td', {class: 'number'}, text(quantity, one.mean)), h('td', {class: 'number'}, text(quantity, one.most)), h('td', {}, duration(map.to[one.when])))))),
    left > 0 ? h('p', {class: 'small quiet'}, `${left.toLocaleString('en')} more rows, of lower values: copy the CSV.`) : '');
  }
}
export const colourOf = (quantity, value) => css(ramp(quantity)[stepOf(value, topOf(quantity))]);
