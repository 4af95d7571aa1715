// Time series: charts one below the other that share the stretch of time, the cursor and the zoom.
import {axis, basics, Chart, nice} from './charts.js';
import {copy, csv, fresh, h, s, tell} from './dom.js';
import {Fine} from './fine.js';
import {duration, doubles, exact, floats, tick, timeStep} from './numbers.js';
import {flags, marks, outages} from './outages.js';
import {get, set} from './state.js';
import {colours, dashes, onTheme, tint} from './theme.js';

const kSteps = new Set(['replicas', 'servers', 'items', 'jobs', 'flows', 'racks']);  // whole things: drawn as steps
const kLeft = 64, kRight = 16;
const kMostTableRows = 200;
const kFewPoints = 1500;  // of the overview within a zoom: below, the finer level is drawn
const kZoom = /^([\d.]+(?:e[+-]?\d+)?)-([\d.]+(?:e[+-]?\d+)?)$/;  // "1e-7-3600": a "-" may stand in a number

export function unpack(series) {
  const columns = series.columns.map((column) => ({
    ...column, low: floats(column.low), high: floats(column.high), mean: floats(column.mean),
  }));
  return {...series, from: doubles(series.from), to: doubles(series.to), columns};
}

export class TimeSeries {
  constructor(run, key) {
    this.run = run;
    this.key = key;  // of the state: charts of several runs do not share it
    this.data = unpack(run.series);
    this.begin = this.data.from[0];
    this.end = this.data.to.at(-1);
    this.overview = {...this.data, columns: this.data.columns.map(({low, mean, high}) => ({low, mean, high}))};
    this.fine = run.series.fine ? new Fine(run.series.fine, run.series.rows, this.begin) : null;
    this.hidden = new Set(get(`hide${key}`).split(',').filter(Boolean));
    for (const column of this.data.columns) if (column.zero) column.off = true;
    this.downs = outages(this.data);
    const [, from, to] = (kZoom.exec(get(`zoom${key}`)) ?? []).map(Number);
    const good = from >= this.begin && to <= this.end && from < to;
    [this.from, this.to] = good ? [from, to] : [this.begin, this.end];
    this.refine();
    this.panels = [];
    this.followers = [];  // told when another stretch of time is shown
    const groups = new Map();
    for (const column of this.data.columns) {
      const name = `${column.panel}\n${column.unit}`;
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(column);
    }
    // What users feel first, then what serves them, then what feeds that.
    const scopes = ['workloads.', 'pools.', 'regions.', 'fabrics.', 'control_planes.', 'failures.'];
    const rank = ([column]) => scopes.findIndex((scope) => column.name.startsWith(scope));
    const ordered = [...groups.values()].sort((a, b) => rank(a) - rank(b));
    for (const columns of ordered) {
      const quiet = columns.filter((column) => column.zero).map((column) => column.label);
      const shown = columns.filter((column) => !column.zero);
      if (shown.length > 0) this.panels.push(new Panel(this, shown, quiet));
      else this.silent = [...(this.silent ?? []), columns[0].panel];
    }
  }

  /** Takes the level that the zoom asks for: the finer one where the overview has few points. */
  refine() {
    const {data, overview, fine} = this;
    let shown = null;
    if (fine) {
      const points = find(overview.to, this.to) - find(overview.to, this.from);
      shown = points < kFewPoints ? fine.window(this.from, this.to) : null;
    }
    this.level = shown ? 'fine' : 'overview';
    [data.from, data.to] = shown ? [shown.from, shown.to] : [overview.from, overview.to];
    data.envelope = shown ? shown.envelope : overview.envelope;
    this.each = data.rows / (shown ? fine.fine.points / shown.size : overview.points);  // rows of a point
    data.columns.forEach((column, i) => Object.assign(column, shown && !column.zero ? fine.values(i, shown) : overview.columns[i]));
  }

  /** What a point of the charts is. */
  meaning() {
    const {data, overview} = this;
    const rows = `${data.rows.toLocaleString('en')} rows of series.csv`;
    const many = `about ${Math.max(2, Math.round(this.each)).toLocaleString('en')} of the ${rows}: the line is their mean, the band reaches from the least to the greatest.`;
    if (data.envelope) {
      return this.level === 'fine' ? `Zoomed in: a point stands for ${many}`
        : `Each of the ${overview.points.toLocaleString('en')} points stands for ${many}${this.fine ? ' Zoom in for more.' : ''}`;
    }
    if (this.level === 'fine') return `Zoomed in: every one of the ${rows}, to 1/8000 of what the line spans nearby.`;
    return `Every one of the ${rows}; a value is the mean of its step of ${duration(data.to[0] - data.from[0])}.`;
  }

  element() {
    this.said = h('span');
    const outer = h('div', {class: 'series'},
      h('p', {class: 'small quiet'}, this.said, ' Drag over a chart to zoom; with a chart focused, + and − zoom, ← and → move, 0 shows all.'),
      this.toolbar(), this.brush(), this.panels.map((panel) => panel.element()),
      this.silent ? h('p', {class: 'small quiet'}, `0 throughout: ${this.silent.join(', ')}.`) : null);
    this.show();
    return outer;
  }

  toolbar() {
    this.range = h('output', {class: 'small'});
    const button = (text, label, act) => h('button', {'aria-label': label, onclick: act}, text);
    return h('div', {class: 'tools'}, button('+', 'Zoom in', () => this.scale(0.5)), button('−', 'Zoom out', () => this.scale(2)),
      button('←', 'Earlier', () => this.move(-0.25)), button('→', 'Later', () => this.move(0.25)),
      button('All', 'Show all of the time', () => this.zoom(this.begin, this.end)), this.range);
  }

  /** The whole of the time, with the window that the charts show. */
  brush() {
    const panel = this.panels[0];
    const canvas = h('div', {class: 'chart', style: 'height:54px', 'aria-hidden': 'true'});
    const column = panel?.columns[0];
    const whole = this.overview.columns[this.data.columns.indexOf(column)];
    if (column) {
      new Chart(canvas, (of) => ({
        ...basics(of),
        grid: {left: kLeft, right: kRight, top: 6, bottom: 6},
        xAxis: {type: 'value', min: this.begin, max: this.end, show: false},
        yAxis: {type: 'value', show: false, min: 0},
        series: [{type: 'line', data: line(this.overview, whole.high ?? whole.mean), symbol: 'none', silent: true,
          lineStyle: {width: 1, color: of.series[7]}, areaStyle: {color: of.series[7], opacity: 0.16}}],
      }), {renderer: 'canvas'});
    }
    this.window = h('div', {class: 'window'});
    const handle = (label, side) => {
      const element = h('div', {class: 'handle', role: 'slider', tabindex: 0, 'aria-label': label,
        'aria-valuemin': this.begin, 'aria-valuemax': this.end});
      element.addEventListener('keydown', (event) => {
        const step = {ArrowLeft: -0.01, ArrowRight: 0.01, PageDown: -0.1, PageUp: 0.1}[event.key];
        if (!step) return;
        event.preventDefault();
        const by = step * (this.end - this.begin);
        if (side === 'from') this.zoom(Math.min(this.from + by, this.to - 1e-3), this.to);
        else this.zoom(this.from, Math.max(this.to + by, this.from + 1e-3));
      });
      return element;
    };
    this.handles = {from: handle('Begin of what is shown', 'from'), to: handle('End of what is shown', 'to')};
    this.frame = h('div', {class: 'brush'}, canvas, this.window, this.handles.from, this.handles.to);
    this.frame.addEventListener('pointerdown', (event) => this.drag(event));
    return this.frame;
  }

  drag(event) {
    const box = this.frame.getBoundingClientRect();
    const at = (x) => this.begin + (x - box.left - kLeft) / (box.width - kLeft - kRight) * (this.end - this.begin);
    const start = at(event.clientX);
    const {from, to} = this;
    const mode = event.target === this.handles.from ? 'from' : event.target === this.handles.to ? 'to'
      : event.target === this.window ? 'move' : 'new';
    this.frame.setPointerCapture(event.pointerId);
    const move = (now) => {
      const by = at(now.clientX) - start;
      if (mode === 'from') this.zoom(Math.min(from + by, to), to);
      if (mode === 'to') this.zoom(from, Math.max(to + by, from));
      if (mode === 'move') {
        const span = to - from;
        const left = Math.max(this.begin, Math.min(from + by, this.end - span));
        this.zoom(left, left + span);
      }
      if (mode === 'new') this.zoom(Math.min(start, start + by), Math.max(start, start + by));
    };
    this.frame.addEventListener('pointermove', move);
    const end = () => this.frame.removeEventListener('pointermove', move);
    this.frame.addEventListener('pointerup', end, {once: true});
    this.frame.addEventListener('pointercancel', end, {once: true});
  }

  zoom(from, to) {
    from = Math.max(this.begin, Math.min(from, to));
    to = Math.min(this.end, to);
    if (to - from < (this.end - this.begin) * 1e-5) return;
    [this.from, this.to] = [from, to];
    const whole = from === this.begin && to === this.end;
    set(`zoom${this.key}`, whole ? '' : `${Number(from.toPrecision(9))}-${Number(to.toPrecision(9))}`);
    this.refine();
    this.show();
    for (const panel of this.panels) panel.draw();
    for (const act of this.followers) act();
  }
  scale(factor) {
    const middle = (this.from + this.to) / 2;
    const half = (this.to - this.from) / 2 * factor;
    this.zoom(middle - half, middle + half);
  }
  move(share) {
    const span = this.to - this.from;
    const from = Math.max(this.begin, Math.min(this.from + share * span, this.end - span));
    this.zoom(from, from + span);
  }

  show() {
    this.said.textContent = this.meaning();
    this.range.textContent = `${duration(this.from)} to ${duration(this.to)}`;
    const at = (t) => `calc(${kLeft}px + (100% - ${kLeft + kRight}px) * ${(t - this.begin) / (this.end - this.begin)})`;
    this.window.style.left = at(this.from);
    this.window.style.right = `calc(100% - (${at(this.to).slice(5, -1)}))`;
    for (const side of ['from', 'to']) {
      const handle = this.handles[side];
      handle.style.left = at(this[side]);
      handle.setAttribute('aria-valuenow', this[side]);
      handle.setAttribute('aria-valuetext', duration(this[side]));
    }
  }

  /** The row under the cursor, in all charts. */
  point(time, from) {
    const index = time === null ? -1 : find(this.data.to, time);
    for (const panel of this.panels) panel.point(index, panel === from);
  }

  setHidden(column, hidden) {
    if (hidden) this.hidden.add(column.name);
    else this.hidden.delete(column.name);
    set(`hide${this.key}`, [...this.hidden].join(','));
  }

  ticks(width) {
    const step = timeStep(this.to - this.from, Math.max(2, Math.floor(width / 110)));
    const values = [];
    for (let t = Math.ceil(this.from / step - 1e-9) * step; t <= this.to + step * 1e-6; t += step) values.push(t);
    return {values, step};
  }
}

function find(ends, time) {
  let low = 0, high = ends.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function line(data, values, steps = false, from = -Infinity, to = Infinity) {
  const out = [];
  for (let i = 0; i < values.length; ++i) {
    if (data.to[i] < from || data.from[i] > to) {
      // A point on each side keeps the line going to the edge.
      const next = data.from[i + 1] ?? Infinity;
      const before = data.to[i - 1] ?? -Infinity;
      if (!(data.to[i] < from && data.to[i + 1] >= from) && !(before <= to && next > to && data.from[i] > to)) continue;
    }
    const value = Number.isNaN(values[i]) ? null : values[i];
    if (steps && (out.length === 0)) out.push([data.from[i], value]);
    out.push([steps ? data.to[i] : (data.from[i] + data.to[i]) / 2, value]);
  }
  return out;
}

class Panel {
  constructor(owner, columns, quiet) {
    Object.assign(this, {owner, columns, quiet, title: columns[0].panel, show: columns[0].show, unit: columns[0].unit});
    this.steps = kSteps.has(this.unit);
    this.names = columns.map(() => h('span', {class: 'now'}));
  }

  extent() {
    const {data, from, to} = this.owner;
    let low = Infinity, high = -Infinity;
    for (const column of this.visible()) {
      const least = column.low ?? column.mean, most = column.high ?? column.mean;
      for (let i = 0; i < most.length; ++i) {
        if (data.to[i] < from || data.from[i] > to || Number.isNaN(most[i])) continue;
        low = Math.min(low, least[i]);
        high = Math.max(high, most[i]);
      }
    }
    if (low > high) return nice(this.show, 0, 1);
    // Most charts begin at 0; a level that hardly moves would be a flat line.
    if (low >= 0 && !(low > 0.6 * high && this.show === 'power')) low = 0;
    if (this.show === 'share' && high > 0.6 && high <= 1) high = 1;
    return nice(this.show, low, high, 4);
  }

  visible() {
    return this.columns.filter((column) => !this.owner.hidden.has(column.name));
  }

  element() {
    const {owner} = this;
    this.canvas = h('div', {class: 'chart drawn', style: 'height:168px'});
    const about = fresh('about');
    this.about = h('p', {class: 'offscreen', id: about});
    const tools = h('button', {class: 'plain copy', 'aria-label': `Copy CSV of ${this.title}`, onclick: () => copy(this.csv(), `${this.title} as CSV`)}, 'Copy CSV');
    this.figure = h('figure', {class: 'panel'},
      h('figcaption', {}, h('h3', {}, this.title), this.legend(), tools),
      h('div', {tabindex: 0, role: 'group', 'aria-roledescription': 'chart', 'aria-label': `${this.title} over time`,
        'aria-describedby': about, onkeydown: (event) => this.key(event)}, this.canvas), this.about,
      this.quiet.length > 0 ? h('p', {class: 'small quiet'}, `0 throughout: ${this.quiet.join(', ')}.`) : null,
      this.table());
    this.chart = new Chart(this.canvas, (of) => this.option(of), {renderer: 'canvas', ready: (chart) => this.listen(chart)});
    this.describe();
    return this.figure;
  }

  legend() {
    const list = h('ul', {class: 'legend', 'aria-label': `Lines of ${this.title}`});
    this.columns.forEach((column, i) => {
      const mark = s('svg', {width: 22, height: 10, 'aria-hidden': 'true'});
      const button = h('button', {'aria-pressed': String(!this.owner.hidden.has(column.name)), title: `Show or hide ${column.name}`,
        onclick: () => {
          const hide = !this.owner.hidden.has(column.name);
          this.owner.setHidden(column, hide);
          button.setAttribute('aria-pressed', String(!hide));
          this.draw();
        }}, mark, column.label, this.names[i]);
      const paint = () => {
        const dash = dashes[i % dashes.length];
        mark.replaceChildren(s('line', {x1: 0, x2: 22, y1: 5, y2: 5, 'stroke-width': 2.4,
          stroke: colours().series[i % 8], 'stroke-dasharray': dash === 'solid' ? null : dash.join(' ')}));
      };
      paint();
      onTheme(paint);
      list.append(h('li', {}, button));
    });
    return list;
  }

  option(of) {
    const {owner} = this;
    const {data} = owner;
    const y = this.extent();
    const {scale} = y;
    const width = Math.max(200, (this.canvas.clientWidth || 900) - kLeft - kRight);
    const {values, step} = owner.ticks(width);
    const unit = this.show === 'rate' ? scale.unit.replace('/', `${this.unit.replace(/\/s$/, '')}/`) : scale.unit || (this.unit === '1' ? '' : this.unit);
    const series = [];
    const points = (values_) => line(data, values_, this.steps && !data.envelope, owner.from, owner.to);
    // Bands lie below all lines, the widest at the bottom, and cover each other: transparent ones add up to grey.
    const bands = this.visible().filter((column) => column.low).map((column) => {
      const spread = column.high.map((high, j) => high - column.low[j]);
      return {column, spread, width: spread.reduce((sum, value) => sum + (value || 0), 0)};
    }).sort((a, b) => b.width - a.width);
    for (const {column, spread} of bands) {
      const i = this.columns.indexOf(column);
      const invisible = {type: 'line', stack: `band ${i}`, stackStrategy: 'all', symbol: 'none', silent: true, lineStyle: {width: 0}};
      series.push({...invisible, data: points(column.low)});
      series.push({...invisible, data: points(spread), areaStyle: {color: tint(of.series[i % 8], of.paper, bands.length > 1 ? 0.26 : 0.22), opacity: 1}});
    }
    this.columns.forEach((column, i) => {
      if (owner.hidden.has(column.name)) return;
      const colour = of.series[i % 8];
      series.push({type: 'line', name: column.label, data: points(column.mean), symbol: 'none', silent: true,
        step: this.steps && !data.envelope ? 'start' : false, connectNulls: false,
        lineStyle: {width: 1.7, color: colour, type: dashes[i % dashes.length]}});
    });
    if (series.length > 0) series.push(marks(owner, this, of, width));
    return {
      ...basics(of),
      grid: {left: kLeft, right: kRight, top: flags(owner, this, width).size > 0 ? 34 : 16, bottom: 26},
      tooltip: {trigger: 'axis', showContent: false, axisPointer: {type: 'line', lineStyle: {color: of.quiet, type: 'solid', width: 1}}},
      xAxis: axis(of, {type: 'value', min: owner.from, max: owner.to, splitLine: {show: false},
        axisTick: {show: true, customValues: values, lineStyle: {color: of.line}},
        axisLabel: {color: of.quiet, fontSize: 12, customValues: values, hideOverlap: true, formatter: (value) => duration(value, step)}}),
      yAxis: axis(of, {type: 'value', min: y.min, max: y.max, interval: y.step, name: unit, nameGap: 4,
        nameTextStyle: {color: of.quiet, fontSize: 12, align: 'left', padding: [0, 0, 0, 6]},
        nameLocation: 'end', axisLine: {show: false},
        axisLabel: {color: of.quiet, fontSize: 12, formatter: (value) => tick(value, scale, y.step)}}),
      series,
    };
  }

  draw() {
    this.chart?.draw();
    this.describe();
    if (this.details?.open) this.fill();
  }

  describe() {
    const {owner} = this;
    const {data} = owner;
    const words = this.visible().map((column) => {
      let low = Infinity, high = -Infinity;
      const least = column.low ?? column.mean, most = column.high ?? column.mean;
      for (let i = 0; i < most.length; ++i) {
        if (data.to[i] < owner.from || data.from[i] > owner.to) continue;
        low = Math.min(low, least[i]);
        high = Math.max(high, most[i]);
      }
      return `${column.label} from ${exact(low, this.show)} to ${exact(high, this.show)}`;
    });
    this.about.textContent = `${duration(owner.from)} to ${duration(owner.to)}. ${words.join('; ')}.`;
  }

  listen(chart) {
    const {owner} = this;
    const time = (x) => chart.convertFromPixel({xAxisIndex: 0}, x);
    const drawing = chart.getZr();
    drawing.on('mousemove', (event) => owner.point(chart.containPixel('grid', [event.offsetX, event.offsetY]) ? time(event.offsetX) : null, this));
    drawing.on('globalout', () => owner.point(null, this));
    drawing.on('dblclick', () => owner.zoom(owner.begin, owner.end));
    this.canvas.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      const left = this.canvas.getBoundingClientRect().left;
      const start = event.clientX - left;
      const box = h('div', {class: 'selection'});
      const move = (now) => {
        const x = now.clientX - left;
        if (!box.isConnected && Math.abs(x - start) > 3) this.canvas.append(box);
        box.style.left = `${Math.min(start, x)}px`;
        box.style.width = `${Math.abs(x - start)}px`;
      };
      const up = (now) => {
        removeEventListener('pointermove', move);
        removeEventListener('pointerup', up);
        box.remove();
        const x = now.clientX - left;
        if (Math.abs(x - start) > 5) owner.zoom(Math.min(time(start), time(x)), Math.max(time(start), time(x)));
      };
      addEventListener('pointermove', move);
      addEventListener('pointerup', up);
    });
  }

  point(index, here) {
    this.columns.forEach((column, i) => {
      const value = index < 0 ? null : column.mean[index];
      this.names[i].textContent = index < 0 ? '' : exact(value, this.show);
    });
    const chart = this.chart?.chart;
    if (!chart || here) return;
    if (index < 0) chart.dispatchAction({type: 'hideTip'});
    else {
      const {from, to} = this.owner.data;
      const x = chart.convertToPixel({xAxisIndex: 0}, (from[index] + to[index]) / 2);
      chart.dispatchAction({type: 'showTip', x, y: 60});
    }
  }

  key(event) {
    const {owner} = this;
    const act = {'+': () => owner.scale(0.5), '=': () => owner.scale(0.5), '-': () => owner.scale(2),
      ArrowLeft: () => owner.move(-0.25), ArrowRight: () => owner.move(0.25), 0: () => owner.zoom(owner.begin, owner.end)}[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
    tell(`${duration(owner.from)} to ${duration(owner.to)}`);
  }

  rows(most = Infinity) {
    const {data, from, to} = this.owner;
    const rows = [];
    for (let i = 0; i < data.to.length && rows.length < most; ++i) {
      if (data.to[i] <= from || data.from[i] >= to) continue;
      rows.push(i);
    }
    return rows;
  }
  headings() {
    return this.visible().flatMap((column) => column.low ? [`${column.label}, least`, `${column.label}, mean`, `${column.label}, greatest`] : [column.label]);
  }
  cells(i) {
    return this.visible().flatMap((column) => column.low ? [column.low[i], column.mean[i], column.high[i]] : [column.mean[i]]);
  }
  csv() {
    const unit = this.unit === '1' ? '' : ` (${this.unit})`;
    const {data} = this.owner;
    return csv([['from_s', 'to_s', ...this.headings().map((name) => name + unit)],
      ...this.rows().map((i) => [data.from[i], data.to[i], ...this.cells(i)])]);
  }
  table() {
    this.body = h('div', {class: 'tables', tabindex: 0, role: 'region', 'aria-label': `${this.title}, as a table`});
    this.details = h('details', {ontoggle: () => { if (this.details.open) this.fill(); }}, h('summary', {}, 'As a table'), this.body);
    return this.details;
  }
  fill() {
    const {data} = this.owner;
    const rows = this.rows(kMostTableRows);
    const left = this.rows().length - rows.length;
    this.body.replaceChildren(h('table', {},
      h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, 'until'), this.headings().map((name) => h('th', {scope: 'col', class: 'number'}, name)))),
      h('tbody', {}, rows.map((i) => h('tr', {}, h('th', {scope: 'row'}, duration(data.to[i])),
        this.cells(i).map((value) => h('td', {class: 'number'}, exact(value, this.show))))))),
    left > 0 ? h('p', {class: 'small quiet'}, `${left.toLocaleString('en')} more rows of what is shown: zoom in, or copy the CSV.`) : '');
  }
}
