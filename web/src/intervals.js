// Intervals of differences and of values: dots with whiskers.
import {axis, basics, bounds, Chart, nice, tooltip} from './charts.js';
import {fresh, h, s} from './dom.js';
import {tick} from './numbers.js';
import {colours, onTheme, symbols} from './theme.js';

/** A whisker with its dot, as ECharts draws it. */
function whisker(api, of, colour, up) {
  const [x1, y] = api.coord([api.value(1), api.value(3)]);
  const [x2] = api.coord([api.value(2), api.value(3)]);
  const at = y + up;
  const line = (shape) => ({type: 'line', shape, style: {stroke: colour, lineWidth: 2}});
  return {type: 'group', children: [line({x1, y1: at, x2, y2: at}), line({x1, y1: at - 4, x2: x1, y2: at + 4}), line({x1: x2, y1: at - 4, x2, y2: at + 4})]};
}

/** Differences from the base in per cent of it, a row a metric, a mark a variation. */
export function forest(comparison) {
  const variations = comparison.variations.filter((one) => one.rows.length > 0).slice(0, 4);
  const metrics = [];
  for (const row of variations[0].rows) {
    const rows = variations.map((one) => one.rows.find((other) => other.metric === row.metric));
    if (!rows.every((other) => other?.relative)) continue;
    if (rows.every((other) => Math.abs(other.relative[0]) < 5e-4)) continue;
    metrics.push({label: row.label, rows});
  }
  if (metrics.length === 0) return null;
  const ends = metrics.flatMap((metric) => metric.rows.flatMap((row) => row.relative)).filter((x) => Math.abs(x) < 10);
  const height = metrics.length * Math.max(24, 12 * variations.length + 8) + 54;
  const element = h('div', {class: 'chart', style: `height:${height}px`, role: 'img',
    'aria-label': `Differences from ${comparison.base} in per cent with intervals; the table below has the numbers`});
  new Chart(element, (of) => {
    const narrow = element.clientWidth < 560;
    const b = bounds(Math.min(0, ...ends), Math.max(0, ...ends), narrow ? 2 : 6);
    const series = variations.flatMap((variation, v) => {
      const up = (v - (variations.length - 1) / 2) * 11;
      const data = metrics.map((metric, i) => {
        const row = metric.rows[v];
        return {value: [row.relative[0], row.relative[1], row.relative[2], i], row};
      }).filter((item) => item.value[0] >= b.min && item.value[0] <= b.max);
      return [
        {type: 'custom', silent: true, clip: true, encode: {x: [1, 2], y: 3}, data: data.map((item) => item.value), renderItem: (_, api) => whisker(api, of, of.series[v], up)},
        {type: 'scatter', name: variation.name, symbol: symbols[v], symbolSize: 10, symbolOffset: [0, up], encode: {x: 0, y: 3},
          itemStyle: {opacity: 1, color: of.series[v], borderColor: of.paper, borderWidth: 1},
          data: data.map((item) => ({...item, itemStyle: ['undecided', 'same'].includes(item.row.verdict) ? {opacity: 1, color: of.paper, borderColor: of.series[v], borderWidth: 2} : undefined})),
          tooltip: {formatter: ({data: {row}}) => `<b>${escape(variation.name)}</b> against ${escape(comparison.base)}<br>${escape(row.label)}<br>${row.difference[0]} &nbsp;[${row.difference[1]}, ${row.difference[2]}]<br>${row.verdict}`}},
      ];
    });
    return {
      ...basics(of),
      grid: {left: narrow ? 120 : 220, right: 24, top: 6, bottom: 46},
      tooltip: {...tooltip(of), trigger: 'item'},
      xAxis: axis(of, {type: 'value', min: b.min, max: b.max, interval: b.step, name: `difference from ${comparison.base}, % of it`, nameLocation: 'middle', nameGap: 28,
        axisLabel: {color: of.quiet, formatter: (value) => `${value > 1e-9 ? '+' : ''}${tick(value, {factor: 0.01}, b.step)} %`}}),
      yAxis: axis(of, {type: 'category', inverse: true, data: metrics.map((metric) => metric.label), splitLine: {show: true, lineStyle: {color: of.line, opacity: 0.5}},
        axisLine: {show: false}, axisLabel: {color: of.text, fontSize: 13, width: narrow ? 112 : 206, overflow: 'truncate', interval: 0}}),
      series: [...series, {type: 'line', silent: true, symbol: 'none', data: [], markArea: {silent: true, itemStyle: {color: of.quiet, opacity: 0.9}, data: [[{xAxis: -b.step * 0.004}, {xAxis: b.step * 0.004}]]}}],
    };
  });
  return h('figure', {class: 'chart', style: 'margin:0'}, key(variations.map((one) => one.name)), element,
    h('p', {class: 'small quiet'}, 'Filled: a real difference. Hollow: the same or undecided. Metrics that differ by less than 0.05 % everywhere are in the table only.'));
}

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

export function mark(kind, colour, size = 11) {
  const c = size / 2;
  if (kind === 'diamond') return s('path', {d: `M${c} 0L${size} ${c}L${c} ${size}L0 ${c}Z`, fill: colour});
  if (kind === 'rect') return s('rect', {x: 1, y: 1, width: size - 2, height: size - 2, fill: colour});
  if (kind === 'triangle') return s('path', {d: `M${c} 0L${size} ${size}L0 ${size}Z`, fill: colour});
  return s('circle', {cx: c, cy: c, r: c - 0.5, fill: colour});
}

/** What the marks stand for. */
export function key(names) {
  const list = h('ul', {class: 'legend', style: 'gap:2px 18px;margin:6px 0'});
  const paint = () => list.replaceChildren(...names.map((name, i) => h('li', {class: 'key'},
    s('svg', {width: 11, height: 11, 'aria-hidden': 'true'}, mark(symbols[i % symbols.length], colours().series[i % 8])), name)));
  paint();
  onTheme(paint);
  return list;
}

const kMostRows = 40;

/** One metric: the mean of each variation with its interval, and its runs as faint dots. */
export function multiple(metric, variations, study) {
  const shown = variations.slice(0, kMostRows);
  const values = shown.map((_, i) => metric.values[i]);
  const known = values.filter(Boolean);
  const ends = known.flatMap((value) => [value[1], value[2]]).concat(metric.seeds?.slice(0, kMostRows).flat() ?? []);
  let [low, high] = [Math.min(...ends), Math.max(...ends)];
  if (low === high) [low, high] = [low - (Math.abs(low) || 1) * 0.05, high + (Math.abs(high) || 1) * 0.05];
  const pad = (high - low) * 0.04;
  [low, high] = [low - pad, high + pad];
  const width = 320, left = 104, right = 66, row = 22, height = shown.length * row + 22;
  const x = (value) => left + (value - low) / (high - low) * (width - left - right);
  const id = fresh('multiple');
  const words = `${metric.label}. ${shown.map((one, i) => `${one.name} ${values[i] ? values[i][4] : 'no value'}`).join(', ')} ${metric.shown_unit}`;
  const picture = s('svg', {viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': words, id});
  const paint = () => {
    const of = colours();
    const b = nice(metric.show, low, high, 3);
    const {scale} = b;
    const unit = scale.unit === metric.shown_unit || !scale.unit ? '' : ` ${scale.unit}`;
    const ticks = [];
    for (let t = Math.ceil(low / b.step) * b.step; t <= high; t += b.step) ticks.push(t);
    picture.replaceChildren(
      ...ticks.flatMap((t) => [s('line', {x1: x(t), x2: x(t), y1: 2, y2: shown.length * row + 2, stroke: of.line}),
        s('text', {x: x(t), y: height - 4, 'text-anchor': 'middle', class: 'quiet'}, `${tick(t, scale, b.step)}${unit}`)]),
      ...shown.flatMap((one, i) => {
        const y = i * row + row / 2 + 2;
        const colour = of.series[i % 8];
        const name = s('text', {x: 0, y: y + 4}, short(one.name, 15));
        const value = values[i];
        if (!value) return [name, s('text', {x: width, y: y + 4, 'text-anchor': 'end', class: 'quiet'}, '–')];
        const symbol = s('g', {transform: `translate(${x(value[0]) - 5.5} ${y - 5.5})`}, mark(symbols[i % symbols.length], colour));
        return [name,
          ...(metric.seeds?.[i] ?? []).map((v) => s('circle', {cx: x(v), cy: y, r: 2.4, fill: colour, opacity: 0.22})),
          s('line', {x1: x(value[1]), x2: x(value[2]), y1: y, y2: y, stroke: colour, 'stroke-width': 2}),
          symbol, s('text', {x: width, y: y + 4, 'text-anchor': 'end'}, value[4])];
      }));
  };
  paint();
  onTheme(paint);
  return h('figure', {class: 'multiple', style: 'margin:0', title: metric.meaning}, h('figcaption', {}, h('h3', {}, metric.label,
    metric.shown_unit ? h('span', {class: 'quiet', style: 'font-weight:400'}, ` ${metric.shown_unit}`) : '')), picture);
}

const short = (text, most) => text.length > most ? `${text.slice(0, most - 1)}…` : text;
