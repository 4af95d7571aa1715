// Bars from one number to another, a row each: the waterfall of a total and the tornado of a study.
import {axis, basics, bounds, Chart, nameLabel, tooltip} from './charts.js';
import {copy, csv, h, s, scroller, select} from './dom.js';
import {exact, scaleOf, tick} from './numbers.js';
import {get, set} from './state.js';

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** Bounds that hold [low, high], in the unit in which they are shown. */
function span(show, low, high, most) {
  const scale = scaleOf(show, Math.max(Math.abs(low), Math.abs(high)));
  const b = bounds(low / scale.factor, high / scale.factor, most);
  return {min: b.min * scale.factor, max: b.max * scale.factor, step: b.step * scale.factor, scale};
}

/** Rows of names on the left, a plain axis below. */
function frame(of, element, names, b, name = '', sign = false) {
  const narrow = element.clientWidth < 560;
  return {
    ...basics(of),
    grid: {left: narrow ? 118 : 220, right: narrow ? 76 : 96, top: 6, bottom: name ? 46 : 24},
    tooltip: {...tooltip(of), trigger: 'item'},
    xAxis: axis(of, {type: 'value', min: b.min, max: b.max, interval: b.step, name, nameLocation: 'middle', nameGap: 28,
      axisLabel: {color: of.quiet, hideOverlap: true, formatter: (value) => `${sign && value > 1e-12 ? '+' : ''}${tick(value, b.scale, b.step)}${b.scale.unit ? ` ${b.scale.unit}` : ''}`}}),
    yAxis: axis(of, {type: 'category', inverse: true, data: names, splitLine: {show: false}, axisLine: {show: false},
      axisLabel: nameLabel(of, narrow ? 108 : 206, narrow)}),
  };
}

function rectangle(api, from, to, row, height, style) {
  const [x1, y] = api.coord([from, row]);
  const [x2] = api.coord([to, row]);
  const width = Math.max(1.5, Math.abs(x2 - x1));
  return {type: 'rect', shape: {x: Math.min(x1, x2), y: y - height / 2, width, height, r: 2}, style};
}

// Waterfall.

function fall(breakdown) {
  const rows = [];
  let sum = 0;
  for (const part of breakdown.parts) {
    rows.push({...part, from: sum, to: sum + part.value});
    sum += part.value;
  }
  rows.push({label: 'total', value: breakdown.total, text: breakdown.text, share: '', from: 0, to: breakdown.total, total: true});
  return rows;
}

/** From the parts to the total. */
export function waterfall(breakdown) {
  const rows = fall(breakdown);
  const ends = rows.flatMap((row) => [row.from, row.to]);
  const element = h('div', {class: 'chart', style: `height:${rows.length * 30 + 32}px`, role: 'img',
    'aria-label': `${breakdown.title}: ${rows.map((row) => `${row.label} ${row.text}`).join(', ')}`});
  new Chart(element, (of) => {
    const b = span(breakdown.show, Math.min(0, ...ends), Math.max(...ends), element.clientWidth < 560 ? 2 : 5);
    return {
      ...frame(of, element, rows.map((row) => row.label), b),
      series: [{type: 'custom', data: rows.map((row, i) => [row.from, row.to, i]), encode: {x: [0, 1], y: 2},
        tooltip: {formatter: ({dataIndex}) => `${escape(rows[dataIndex].label)}<br><b>${rows[dataIndex].text}</b> ${rows[dataIndex].share ? `(${rows[dataIndex].share})` : ''}`},
        renderItem: (_, api) => {
          const [from, to, i] = [api.value(0), api.value(1), api.value(2)];
          const row = rows[i];
          const bar = rectangle(api, from, to, i, 18, {fill: row.total ? of.series[7] : of.series[0], opacity: row.total ? 0.9 : 0.85});
          const [x, y] = api.coord([Math.max(from, to), i]);
          const children = [bar, {type: 'text', x: x + 7, y, style: {text: row.text, fill: of.text, font: '13px system-ui, sans-serif', textVerticalAlign: 'middle', fontWeight: row.total ? 600 : 400}}];
          if (i + 1 < rows.length) {  // down to where the next one begins
            const [end] = api.coord([to, i]);
            const [, below] = api.coord([to, i + 1]);
            children.push({type: 'line', shape: {x1: end, x2: end, y1: y + 9, y2: below - 9}, style: {stroke: of.quiet, lineWidth: 1, lineDash: [3, 2]}});
          }
          return {type: 'group', children};
        }}],
    };
  });
  const table = h('details', {}, h('summary', {}, 'As a table'), h('div', {class: 'tables', tabindex: 0, role: 'region', 'aria-label': `${breakdown.title}, as a table`},
    h('table', {}, h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, 'part'), h('th', {scope: 'col', class: 'number'}, breakdown.title.split(',')[0]), h('th', {scope: 'col', class: 'number'}, 'share'))),
      h('tbody', {}, rows.map((row) => h('tr', {}, h('th', {scope: 'row'}, row.label), h('td', {class: 'number'}, row.text), h('td', {class: 'number'}, row.share)))))));
  return h('figure', {class: 'waterfall', style: 'margin:0 0 14px'}, h('figcaption', {}, h('h3', {}, breakdown.title)), element,
    breakdown.missing.length > 0 ? h('p', {class: 'small quiet'}, `Without a value, and so in the rest: ${breakdown.missing.join(', ')}.`) : null, table);
}

/** Totals of several runs, a column each: parts by row. */
export function totals(runs, name) {
  const ids = [...new Set(runs.flatMap((run) => run.breakdowns.map((one) => one.id)))];
  return ids.map((id) => {
    const here = runs.map((run) => run.breakdowns.find((one) => one.id === id));
    const title = here.find(Boolean).title;
    const labels = [...new Set(here.flatMap((one) => one ? one.parts.map((part) => part.label) : []))];
    const part = (one, label) => one?.parts.find((other) => other.label === label);
    const bars = h('div', {class: 'chart', style: `height:${runs.length * 30 + 32}px`, role: 'img',
      'aria-label': `${title}: ${runs.map((run, i) => `${name(run)} ${here[i]?.text ?? 'no value'}`).join(', ')}; the table below has the parts`});
    const most = Math.max(...here.map((one) => one?.total ?? 0));
    const least = Math.min(0, ...here.flatMap((one) => one ? one.parts.map((other) => other.value) : []));
    new Chart(bars, (of) => ({
      ...frame(of, bars, runs.map(name), span(here.find(Boolean).show, least, most, bars.clientWidth < 560 ? 2 : 5)),
      series: [{type: 'custom', data: runs.map((_, i) => [i]), encode: {y: 0},
        tooltip: {formatter: ({dataIndex}) => here[dataIndex] ? [`<b>${escape(name(runs[dataIndex]))}</b> ${here[dataIndex].text}`, ...here[dataIndex].parts.map((one) => `${escape(one.label)} ${one.text} (${one.share})`)].join('<br>') : ''},
        renderItem: (_, api) => {
          const i = api.value(0);
          if (!here[i]) return {type: 'group', children: []};
          let [up, down] = [0, 0];
          const children = here[i].parts.map((one) => {
            const from = one.value < 0 ? down : up;
            if (one.value < 0) down += one.value; else up += one.value;
            return rectangle(api, from, from + one.value, i, 18, {fill: of.series[labels.indexOf(one.label) % 8], stroke: of.paper, lineWidth: 1});
          });
          const [x, y] = api.coord([up, i]);
          return {type: 'group', children: [...children, {type: 'text', x: x + 7, y, style: {text: here[i].text, fill: of.text, font: '13px system-ui, sans-serif', textVerticalAlign: 'middle'}}]};
        }}],
    }));
    return h('figure', {class: 'waterfall', style: 'margin:0 0 14px'}, h('figcaption', {}, h('h3', {}, title)), bars,
      scroller({'aria-label': `${title}, run by run`}, h('table', {}, h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, 'part'), runs.map((run) => h('th', {scope: 'col', class: 'number'}, name(run))))),
        h('tbody', {}, labels.map((label, i) => h('tr', {}, h('th', {scope: 'row'}, h('span', {class: 'key'}, s('svg', {width: 11, height: 11, 'aria-hidden': 'true'}, s('rect', {width: 11, height: 11, rx: 2, style: `fill:var(--series-${i % 8 + 1})`})), label)), here.map((one) => h('td', {class: 'number'}, part(one, label)?.text ?? '–')))),
          h('tr', {}, h('th', {scope: 'row'}, h('strong', {}, 'total')), here.map((one) => h('td', {class: 'number'}, h('strong', {}, one?.text ?? '–'))))))));
  });
}

// Tornado.

const kKinds = {
  'main effect': 'the mean over all settings of the other knobs (main effects)',
  'others as in the base': 'the other knobs as in the base',
  variation: 'each variation against the base',
};

/** Which knob moves a metric most. */
export function tornado(study) {
  const list = study.tornado.map((one) => ({...one, metric: study.metrics.find((metric) => metric.name === one.metric)})).filter((one) => one.metric);
  if (list.length === 0) return null;
  const asked = new Set(study.variations.flatMap((one) => one.objectives.map((objective) => objective.metric.split(' ')[0])));
  const first = list.find((one) => asked.has(one.metric.name)) ?? list.find((one) => one.metric.better !== 'neither') ?? list[0];
  let shown = list.find((one) => one.metric.name === get('tornado')) ?? first;
  const canvas = h('div', {class: 'chart', role: 'img'});
  const said = h('p', {class: 'small quiet'});
  const body = h('div');
  // Differences of shares are points.
  const number = (value) => shown.metric.show === 'share' ? exact(value, 'share').replace('%', 'pp') : exact(value, shown.metric.show);
  const effect = (end) => end[4] === 0 ? '0, the base' : `${end[1] > 0 ? '+' : ''}${number(end[1])}`;
  const range = (end) => end[4] < 2 ? '' : `[${number(end[2])}, ${number(end[3])}]`;
  const chart = new Chart(canvas, (of) => {
    const {metric, bars} = shown;
    const ends = bars.flatMap(({low, high}) => [low[1], low[2], high[1], high[3]]);
    const b = span(metric.show, Math.min(0, ...ends), Math.max(0, ...ends), canvas.clientWidth < 560 ? 2 : 6);
    if (metric.show === 'share') b.scale.unit = 'pp';
    const better = {lower: ['low', 'high'], higher: ['high', 'low']}[metric.better];
    const colour = (side) => !better ? of.series[0] : side === better[0] ? of.series[2] : of.series[1];
    const narrow = canvas.clientWidth < 560;
    const frames = frame(of, canvas, bars.map((bar) => bar.name), b, `${metric.label}, difference from ${study.comparison.base.length + metric.label.length > (narrow ? 12 : 60) ? 'the base' : study.comparison.base}`, true);
    return {
      ...frames,
      series: [{type: 'custom', clip: false, data: bars.map((bar, i) => [bar.low[1], bar.high[1], i]), encode: {x: [0, 1], y: 2},
        tooltip: {formatter: ({dataIndex}) => {
          const bar = bars[dataIndex];
          return [`<b>${escape(bar.name)}</b>`, ...[bar.low, bar.high].filter((end) => end[4] > 0).map((end) => `${escape(end[0])}: ${effect(end)} ${range(end)}`)].join('<br>');
        }},
        renderItem: (_, api) => {
          const i = api.value(2);
          const children = [];
          for (const side of ['low', 'high']) {
            const end = bars[i][side];
            if (end[4] === 0) continue;
            children.push(rectangle(api, 0, end[1], i, 18, {fill: colour(side), opacity: 0.8}));
            const [x1, y] = api.coord([end[2], i]);
            const [x2] = api.coord([end[3], i]);
            const line = (shape) => ({type: 'line', shape, style: {stroke: of.text, lineWidth: 1.2}});
            if (end[4] > 1) children.push(line({x1, x2, y1: y, y2: y}), line({x1, x2: x1, y1: y - 4, y2: y + 4}), line({x1: x2, x2, y1: y - 4, y2: y + 4}));
            const at = side === 'low' ? Math.min(x1, x2) - 7 : Math.max(x1, x2) + 7;
            if (bars[i].kind !== 'variation' && !narrow) {
              children.push({type: 'text', x: at, y, style: {text: end[0].length > 18 ? `${end[0].slice(0, 17)}…` : end[0], fill: of.quiet, font: '12px system-ui, sans-serif', textAlign: side === 'low' ? 'right' : 'left', textVerticalAlign: 'middle'}});
            }
          }
          const [x, y] = api.coord([0, i]);
          children.push({type: 'line', shape: {x1: x, x2: x, y1: y - 15, y2: y + 15}, style: {stroke: of.quiet, lineWidth: 1.2}});
          return {type: 'group', children};
        }}],
    };
  });
  const describe = () => {
    const {metric, bars, all} = shown;
    canvas.style.height = `${bars.length * 32 + 56}px`;
    canvas.setAttribute('aria-label', `${metric.label} against ${study.comparison.base}: ${bars.map((bar) => `${bar.name} from ${effect(bar.low)} to ${effect(bar.high)}`).join('; ')}`);
    const kinds = [...new Set(bars.map((bar) => bar.kind))];
    const words = {lower: ' Green is better, orange worse.', higher: ' Green is better, orange worse.', neither: ''}[metric.better];
    const each = kinds.includes('variation') ? `Longest first; ${kKinds.variation}.`
      : `Longest first; each bar reaches from the value that lowers ${metric.label} most to the one that raises it most: ${kinds.map((kind) => kKinds[kind]).join(', or ')}.`;
    const extremes = kinds.includes('variation') ? '' : '; ends are extremes of several means and lean outwards';
    const more = all > bars.length ? ` ${all - bars.length} shorter bars are not drawn.` : '';
    said.textContent = `${each}${words} Whiskers: ${study.comparison.confidence * 100} % intervals, each alone${extremes}.${more}`;
    body.replaceChildren(scroller({'aria-label': `Tornado of ${metric.label}, as a table`}, h('table', {},
      h('thead', {}, h('tr', {}, ['knob', 'lowest with', 'effect', 'interval', 'highest with', 'effect', 'interval'].map((text, i) => h('th', {scope: 'col', class: [2, 3, 5, 6].includes(i) ? 'number' : null}, text)))),
      h('tbody', {}, bars.map((bar) => h('tr', {}, h('th', {scope: 'row'}, bar.name), [bar.low, bar.high].flatMap((end) => [h('td', {}, end[0]), h('td', {class: 'number'}, effect(end)), h('td', {class: 'range'}, range(end))])))))));
  };
  describe();
  const all = () => copy(csv([['knob', 'kind', 'lowest_with', 'effect', 'low', 'high', 'highest_with', 'effect', 'low', 'high'],
    ...shown.bars.map((bar) => [bar.name, bar.kind, ...bar.low.slice(0, 4), ...bar.high.slice(0, 4)])]), 'Tornado as CSV');
  return [h('div', {class: 'tools'}, list.length > 1 ? select('Metric', list.map((one) => [one.metric.name, one.metric.label]), shown.metric.name, (value) => {
    set('tornado', value === first.metric.name ? '' : value);
    shown = list.find((one) => one.metric.name === value);
    describe();
    chart.chart?.resize();
    chart.draw();
  }) : null, h('button', {onclick: all}, 'Copy CSV')), said, canvas, h('details', {}, h('summary', {}, 'As a table'), body)];
}
