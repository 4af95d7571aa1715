// How samples are distributed: the share that is at most x, or the share that lies above x on a
// logarithmic scale, which shows the tail. x is logarithmic. Lines may be metrics of a run, or one
// metric of several runs.
import {axis, basics, Chart} from './charts.js';
import {copy, csv, fresh, h, s, scroller, select, tell} from './dom.js';
import {logAxis, said} from './logaxis.js';
import {floats} from './numbers.js';
import {get, set} from './state.js';
import {colours, dashes, onTheme} from './theme.js';

const kMostLines = 8;
const kWords = {time: 'How long', factor: 'How many times', count: 'How many'};

/** Bins as points of a step-free line: bounds, and the samples not above each. */
export function unpackBins(distribution) {
  const [from, to, count] = [floats(distribution.from), floats(distribution.to), floats(distribution.count)];
  const below = new Float64Array(count.length + 1);
  count.forEach((n, i) => { below[i + 1] = below[i] + n; });
  const largest = to.at(-1);
  // The first bin is the least sample and the last the greatest: bounds beyond them are none.
  const least = from[0];
  const clip = (x) => Math.max(least, Math.min(x, largest));
  return {from: from.map(clip), to: to.map(clip), count, below, all: below.at(-1), least, largest};
}

/** The share of the samples that is at most x; within a bin as if they were spread evenly. */
export function shareAt(bins, x) {
  if (x >= bins.largest) return 1;
  let share = 0;
  for (let i = 0; i < bins.count.length && bins.from[i] <= x; ++i) {
    const part = bins.to[i] > x ? (x - bins.from[i]) / (bins.to[i] - bins.from[i]) : 1;
    share = bins.below[i] + part * bins.count[i];
  }
  return share / bins.all;
}

/** Samples above x, as a share: what is left when it is tiny. */
const shareAbove = (bins, x) => 1 - shareAt(bins, x);

function points(bins, tail, left, right) {
  const out = [];
  const put = (x, below) => {
    const share = tail ? 1 - below / bins.all : below / bins.all;
    if (tail && !(share > 0)) return;
    out.push([Math.log10(Math.max(x, left)), tail ? Math.log10(share) : share]);
  };
  if (!tail) put(left, bins.to[0] > 0 ? 0 : bins.below[1]);  // zeros lie beyond the left edge
  for (let i = 0; i < bins.count.length; ++i) {
    if (bins.to[i] < left && bins.to[i + 1] < left) continue;
    if (bins.to[i] > 0) put(bins.from[i], bins.below[i]);
    // The line of the tail ends at the greatest sample, above which there is none.
    put(bins.to[i], tail && i === bins.count.length - 1 ? bins.below[i] : bins.below[i + 1]);
  }
  if (!tail) put(right, bins.all);
  return out;
}

const percent = (share) => {
  const left = Math.min(share, 1 - share);
  const decimals = left > 0 && left < 0.001 ? Math.min(7, Math.ceil(-Math.log10(left)) - 1) : 1;
  return `${(share * 100).toFixed(decimals)}\u00a0%`;
};

class Curves {
  /** lines: {key, name, bins, colour, quantiles, samples}, all of one kind of number. */
  constructor({lines, show, what, state, noun, tools}) {
    Object.assign(this, {lines, show, what, state, noun, tools});
    this.tail = get(`tail${state}`) === '1';
    this.cursor = null;
  }

  axes() {
    const positive = this.lines.flatMap(({bins}) => {
      // What one in two thousand is below would stretch the axis for nothing.
      const first = bins.below.findIndex((below, i) => i > 0 && below >= bins.all * 5e-4 && bins.to[i - 1] > 0);
      return first > 0 ? [Math.max(bins.from[first - 1], bins.to[first - 1] / 2)] : [];
    });
    const high = Math.max(...this.lines.map(({bins}) => bins.largest));
    const low = positive.length > 0 ? Math.min(...positive) : high / 10;
    const most = Math.max(3, Math.floor((this.canvas.clientWidth || 900) / 95));
    const across = logAxis(this.show, low * 0.97, high * 1.03, most);
    if (!this.tail) return {across, up: {min: 0, max: 1, ticks: [0, 0.25, 0.5, 0.75, 1]}};
    const rarest = Math.min(...this.lines.map(({bins}) => 1 / bins.all));
    const bottom = Math.max(-7, Math.floor(Math.log10(rarest) + 1e-9));
    return {across, up: {min: bottom, max: 0, ticks: Array.from({length: 1 - bottom}, (_, i) => -i)}};
  }

  element() {
    this.canvas = h('div', {class: 'chart curve', style: 'height:250px'});
    this.at = h('output', {class: 'small'});
    const name = fresh('side');
    const choice = (text, tail) => {
      const id = fresh('choice');
      return h('span', {class: 'radio'}, h('input', {type: 'radio', id, name, checked: this.tail === tail, onchange: () => {
        this.tail = tail;
        set(`tail${this.state}`, tail ? '1' : '');
        this.draw();
      }}), h('label', {for: id}, text));
    };
    this.about = h('p', {class: 'offscreen', id: fresh('about')});
    this.now = this.lines.map(() => h('span', {class: 'read'}));
    const figure = h('figure', {class: 'curves', style: 'margin:0'},
      h('div', {class: 'tools', role: 'group', 'aria-label': 'What is drawn'}, this.tools, choice('Share at most', false), choice('Share above: the tail', true),
        h('button', {onclick: () => copy(this.csv(), 'Distributions as CSV')}, 'Copy CSV'), this.at),
      this.legend(),
      h('div', {tabindex: 0, role: 'group', 'aria-roledescription': 'chart', 'aria-label': `${this.what}, distribution`, 'aria-describedby': this.about.id,
        onkeydown: (event) => this.key(event)}, this.canvas),
      this.about, this.table());
    this.chart = new Chart(this.canvas, (of) => this.option(of), {ready: (chart) => this.listen(chart)});
    this.describe();
    return figure;
  }

  legend() {
    const list = h('ul', {class: 'legend', 'aria-label': `Lines of ${this.what}`});
    const many = this.lines.length > kMostLines;  // then a scenario has one entry
    this.lines.forEach((line, i) => {
      if (many && this.lines.findIndex((other) => other.colour === line.colour) < i) return;
      const mark = s('svg', {width: 22, height: 10, 'aria-hidden': 'true'});
      const paint = () => {
        const dash = dashes[line.colour % dashes.length];
        mark.replaceChildren(s('line', {x1: 0, x2: 22, y1: 5, y2: 5, 'stroke-width': 2.4, stroke: colours().series[line.colour % 8],
          'stroke-dasharray': dash === 'solid' ? null : dash.join(' ')}));
      };
      paint();
      onTheme(paint);
      list.append(h('li', {class: 'key'}, mark, line.remove
        ? h('button', {title: `Take ${line.name} out of the chart`, 'aria-label': `${line.name}: take out of the chart`, onclick: line.remove}, line.name, h('span', {'aria-hidden': 'true', class: 'quiet'}, '×'))
        : many ? line.group : line.name, many ? null : this.now[i]));
    });
    return list;
  }

  option(of) {
    const {across, up} = this.axes();
    this.range = across;
    return {
      ...basics(of),
      grid: {left: 64, right: 20, top: 14, bottom: 46},
      xAxis: axis(of, {type: 'value', min: across.min, max: across.max, name: 'logarithmic', nameLocation: 'middle', nameGap: 28,
        axisLine: {onZero: false, lineStyle: {color: of.line}}, splitLine: {show: false}, axisTick: {show: true, customValues: across.ticks, lineStyle: {color: of.line}},
        axisLabel: {color: of.quiet, customValues: across.ticks, hideOverlap: true, formatter: (value) => said(10 ** value, this.show, 9)}}),
      yAxis: axis(of, {type: 'value', min: up.min, max: up.max, axisLine: {show: false},
        interval: this.tail ? Math.max(1, Math.ceil((up.max - up.min) / 6)) : 0.25,
        axisLabel: {color: of.quiet, formatter: (value) => this.tail ? `${Number((100 * 10 ** value).toPrecision(2))} %` : `${value * 100} %`}}),
      series: [...this.lines.map((line) => ({type: 'line', symbol: 'none', silent: true, data: points(line.bins, this.tail, 10 ** across.min, 10 ** across.max), clip: true,
        lineStyle: {width: 2, color: of.series[line.colour % 8], type: dashes[line.colour % dashes.length]}})),
      this.cursor === null ? null : {type: 'line', symbol: 'none', silent: true, data: [[this.cursor, up.min], [this.cursor, up.max]], lineStyle: {width: 1, color: of.quiet}}].filter(Boolean),
    };
  }

  draw() {
    this.chart.draw();
    this.describe();
  }

  describe() {
    this.about.textContent = this.lines.map((line) => `${line.name}: ${line.quantiles.filter(([, value]) => value !== null).map(([name, , text]) => `${name} ${text}`).join(', ')}`).join('. ');
  }

  listen(chart) {
    const drawing = chart.getZr();
    drawing.on('mousemove', (event) => this.point(chart.containPixel('grid', [event.offsetX, event.offsetY]) ? chart.convertFromPixel({xAxisIndex: 0}, event.offsetX) : null));
    drawing.on('globalout', () => this.point(null));
  }

  point(x) {
    this.cursor = x;
    this.at.textContent = x === null ? '' : `${this.tail ? 'above' : 'at most'} ${said(10 ** x, this.show)}`;
    this.lines.forEach((line, i) => {
      this.now[i].textContent = x === null ? '' : percent((this.tail ? shareAbove : shareAt)(line.bins, 10 ** x));
    });
    this.chart.draw();
  }

  key(event) {
    const by = {ArrowLeft: -0.01, ArrowRight: 0.01, PageDown: -0.1, PageUp: 0.1}[event.key];
    if (!by || event.ctrlKey || event.metaKey || event.altKey || !this.range) return;
    event.preventDefault();
    const {min, max} = this.range;
    this.point(Math.max(min, Math.min(max, (this.cursor ?? (min + max) / 2) + by * (max - min))));
    tell(`${this.at.textContent}: ${this.lines.map((line, i) => `${line.name} ${this.now[i].textContent}`).join(', ')}`);
  }

  csv() {
    return csv([[this.noun, 'from', 'to', 'count', 'share_at_most'],
      ...this.lines.flatMap(({name, bins}) => [...bins.count].map((count, i) => [name, bins.from[i], bins.to[i], count, bins.below[i + 1] / bins.all]))]);
  }

  table() {
    const names = this.lines[0].quantiles.map(([name]) => name);
    return scroller({'aria-label': `Quantiles of ${this.what}`, class: 'quantiles'}, h('table', {},
      h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, this.noun), names.map((name) => h('th', {scope: 'col', class: 'number'}, name)), h('th', {scope: 'col', class: 'number'}, 'samples'))),
      h('tbody', {}, this.lines.map((line) => h('tr', {}, h('th', {scope: 'row'}, line.name),
        line.quantiles.map(([, , text]) => h('td', {class: 'number'}, text)), h('td', {class: 'number'}, line.samples))))));
  }

  end() { this.chart.end(); }
}

/** Some sample is above 0: else there is nothing to draw. */
const some = (one) => one.quantiles.at(-1)[1] > 0;
const nameOf = (one) => one.owner ? `${one.owner} ${one.label}` : one.label;

/** A chart whose lines change: `choose()` gives {tools, lines, …}. */
function chosen(make) {
  const box = h('div');
  let curves = null;
  const draw = () => {
    curves?.end();
    curves = new Curves(make(draw));
    box.replaceChildren(curves.element());
  };
  draw();
  return box;
}

const kinds = (list) => [...new Set(list.map((one) => one.show))];
const kindNames = {time: 'times', factor: 'factors', count: 'counts', bytes: 'bytes', share: 'shares', number: 'numbers'};

/** Metrics of one run. `first`: how many of them are drawn before the reader chooses. */
export function distributionsOf(run, key, first = 4) {
  const list = run.distributions.filter(some);
  const zero = run.distributions.filter((one) => !some(one));
  const bins = new Map();
  const of = (one) => {
    if (!bins.has(one)) bins.set(one, unpackBins(one));
    return bins.get(one);
  };
  const left = run.distributions_left_out > 0
    ? h('p', {class: 'small quiet'}, `${run.distributions_left_out} more are in distributions.csv.`) : null;
  const silent = zero.length > 0 ? h('p', {class: 'small quiet'}, `0 throughout: ${zero.map(nameOf).join(', ')}.`) : null;
  if (list.length === 0) return [silent, left];
  return [chosen((again) => {
    const all = kinds(list);
    const kind = all.includes(get(`kind${key}`)) ? get(`kind${key}`) : all[0];
    const here = list.filter((one) => one.show === kind);
    const asked = get(`cdf${key}`).split(',').map((name) => here.find((one) => one.metric === name)).filter(Boolean);
    const shown = (asked.length > 0 ? asked : here.slice(0, first)).slice(0, kMostLines);
    const keep = (which) => { set(`cdf${key}`, which.map((one) => one.metric).join(',')); again(); };
    const rest = here.filter((one) => !shown.includes(one));
    return {
      show: kind, state: key, noun: 'metric', what: kWords[kind] ?? 'Samples',
      tools: [all.length > 1 ? select('Of', all.map((one) => [one, kindNames[one] ?? one]), kind, (value) => {
        set(`kind${key}`, value === all[0] ? '' : value);
        set(`cdf${key}`, '');
        again();
      }) : null,
      rest.length > 0 && shown.length < kMostLines ? select('Add', [['', 'a line …'], ...rest.map((one) => [one.metric, nameOf(one)])], '',
        (value) => keep([...shown, here.find((one) => one.metric === value)])) : null].filter(Boolean),
      lines: shown.map((one, i) => ({name: nameOf(one), bins: of(one), colour: i, quantiles: one.quantiles, samples: one.samples,
        remove: shown.length > 1 ? () => keep(shown.filter((other) => other !== one)) : null})),
    };
  }), silent, left];
}

/** One metric of several runs; runs of a scenario have one colour. */
export function distributionsAcross(runs) {
  const names = new Map();
  for (const one of runs.flatMap((run) => run.distributions)) if (some(one) && !names.has(one.metric)) names.set(one.metric, one);
  const shared = [...names.values()].filter((one) => runs.filter((run) => run.distributions.some((other) => other.metric === one.metric)).length > 1);
  if (shared.length === 0) return null;
  const scenarios = [...new Set(runs.map((run) => run.scenario))];
  return chosen((again) => {
    const metric = shared.find((one) => one.metric === get('cdf-of')) ?? shared[0];
    const lines = runs.flatMap((run) => {
      const one = run.distributions.find((other) => other.metric === metric.metric);
      return one ? [{name: scenarios.length === runs.length ? run.scenario : `${run.scenario}, seed ${run.seed}`, bins: unpackBins(one),
        group: run.scenario, colour: scenarios.indexOf(run.scenario), quantiles: one.quantiles, samples: one.samples}] : [];
    });
    return {
      show: metric.show, state: '-across', noun: 'run', what: nameOf(metric), lines,
      tools: shared.length > 1 ? [select('Of', shared.map((one) => [one.metric, nameOf(one)]), metric.metric, (value) => {
        set('cdf-of', value === shared[0].metric ? '' : value);
        again();
      })] : [],
    };
  });
}
