// Two metrics against each other: which variations no other beats in both.
import {axis, basics, Chart, nice, tooltip} from './charts.js';
import {h, select} from './dom.js';
import {exact, tick} from './numbers.js';
import {get, set} from './state.js';
import {symbols} from './theme.js';

const least = (metric) => metric.better !== 'higher';  // where neither is better, less is taken to be

/** Indices of variations that no other is at least as good as in both, and better in one. */
export function front(a, b, count) {
  const as = (metric, i) => (least(metric) ? 1 : -1) * metric.values[i][0];
  const known = Array.from({length: count}, (_, i) => i).filter((i) => a.values[i] && b.values[i]);
  return known.filter((i) => !known.some((j) => as(a, j) <= as(a, i) && as(b, j) <= as(b, i) && (as(a, j) < as(a, i) || as(b, j) < as(b, i))));
}

/** Indices of variations that have both. */
const both = (a, b) => a.values.map((_, i) => i).filter((i) => a.values[i] && b.values[i]);

const spread = (metric) => {
  const means = metric.values.filter(Boolean).map((value) => value[0]);
  const [low, high] = [Math.min(...means), Math.max(...means)];
  return high === low ? 0 : (high - low) / Math.max(Math.abs(high), Math.abs(low));
};

/** The pair that is a choice: an objective or what should be high, against what pays for it. */
function pair(metrics, study) {
  const asked = new Set(study.variations.flatMap((one) => one.objectives.map((objective) => objective.metric)));
  const directed = metrics.filter((metric) => metric.compact && metric.better !== 'neither' && spread(metric) > 0.005);
  const pool = directed.length > 1 ? directed : metrics.filter((metric) => spread(metric) > 0);
  const good = pool.find((metric) => asked.has(metric.name)) ?? pool.find((metric) => metric.better === 'higher') ?? pool[0] ?? metrics[0];
  const others = pool.filter((metric) => metric !== good);
  const rank = (metric) => front(good, metric, study.variations.length).length + (metric.show === 'money' ? 0.5 : 0) + Math.min(0.4, spread(metric) / 10);
  const price = others.sort((a, b) => rank(b) - rank(a))[0] ?? good;
  return [price.name, good.name];
}

export function pareto(study) {
  const metrics = study.metrics.filter((metric) => metric.values.filter(Boolean).length > 1);
  if (metrics.filter((metric) => spread(metric) > 0).length < 2) return null;  // nothing is a choice
  const named = (name) => metrics.find((metric) => metric.name === name);
  const [first, second] = pair(metrics, study);
  if (both(named(first), named(second)).length < 2) return null;
  let x = named(get('x')) ?? named(first), y = named(get('y')) ?? named(second);
  const canvas = h('div', {class: 'chart', style: 'height:380px', role: 'img'});
  const said = h('p', {class: 'small', 'aria-live': 'polite'});
  const way = (metric) => metric.better === 'neither' ? `less ${metric.label} taken as better` : `${least(metric) ? 'less' : 'more'} ${metric.label} is better`;
  const describe = () => {
    const best = front(x, y, study.variations.length);
    const names = best.map((i) => study.variations[i].name);
    const text = names.length === 0 ? 'No variation has both yet.' : names.length === 1 ? `${names[0]} is better in both than all others, or as good.`
      : `No other beats ${names.slice(0, 8).join(', ')}${names.length > 8 ? ` and ${names.length - 8} more` : ''} in both: between them it is a choice.`;
    said.textContent = `${text} (${way(x)}; ${way(y)}; by the means.)`;
    canvas.setAttribute('aria-label', `${y.label} against ${x.label}. ${said.textContent}`);
  };
  const chart = new Chart(canvas, (of) => draw(of));
  const draw = (of) => {
    const count = study.variations.length;
    const points = both(x, y);
    const best = new Set(front(x, y, count));
    const ends = (metric) => points.length === 0 ? nice(metric.show, 0, 1, 5) : nice(metric.show, Math.min(...points.map((i) => metric.values[i][1])), Math.max(...points.map((i) => metric.values[i][2])), 5);
    const [bx, by] = [ends(x), ends(y)];
    const scales = [bx.scale, by.scale];
    const many = count > 8;
    const colour = (i) => many ? (best.has(i) ? of.series[0] : of.series[7]) : of.series[i % 8];
    // Names of points that lie close together go above and below.
    const share = (metric, b, i) => (metric.values[i][0] - b.min) / (b.max - b.min);
    const close = (i, j) => Math.abs(share(x, bx, i) - share(x, bx, j)) < 0.14 && Math.abs(share(y, by, i) - share(y, by, j)) < 0.07;
    const place = (i) => {
      const side = share(x, bx, i) > 0.8 ? 'left' : 'right';
      const near = points.filter((j) => j !== i && close(i, j));
      if (near.length === 0) return {position: side, distance: 12};
      const above = near.every((j) => y.values[i][0] > y.values[j][0] || (y.values[i][0] === y.values[j][0] && i < j));
      return {position: above ? 'top' : 'bottom', distance: 10};
    };
    const order = [...best].sort((a, b) => x.values[a][0] - x.values[b][0]);
    const name = (metric, scale) => `${metric.label}${scale.unit ? `, ${scale.unit}` : ''}`;
    const titled = (metric, k, b, more) => axis(of, {type: 'value', min: b.min, max: b.max, interval: b.step, name: name(metric, scales[k]),
      axisLabel: {color: of.quiet, formatter: (value) => tick(value, scales[k], b.step)}, nameTextStyle: {color: of.text, fontSize: 13}, ...more});
    return {
      ...basics(of),
      grid: {left: 64, right: 40, top: 34, bottom: 52},
      tooltip: {...tooltip(of), trigger: 'item'},
      xAxis: titled(x, 0, bx, {nameLocation: 'middle', nameGap: 32}),
      yAxis: titled(y, 1, by, {nameLocation: 'end', nameGap: 14, nameTextStyle: {color: of.text, fontSize: 13, align: 'left', padding: [0, 0, 0, -50]}}),
      series: [
        {type: 'line', data: order.map((i) => [x.values[i][0], y.values[i][0]]), symbol: 'none', silent: true, lineStyle: {color: of.quiet, width: 1.5, type: [4, 4]}},
        {type: 'custom', silent: true, clip: true, data: points.map((i) => [x.values[i][0], y.values[i][0], ...x.values[i].slice(1, 3), ...y.values[i].slice(1, 3), i]),
          renderItem: (_, api) => {
            const [x0, y0] = api.coord([api.value(0), api.value(1)]);
            const [left] = api.coord([api.value(2), api.value(1)]);
            const [right] = api.coord([api.value(3), api.value(1)]);
            const bottom = api.coord([api.value(0), api.value(4)])[1];
            const top = api.coord([api.value(0), api.value(5)])[1];
            const style = {stroke: colour(api.value(6)), lineWidth: 1.8, opacity: best.has(api.value(6)) ? 1 : 0.6};
            return {type: 'group', children: [{type: 'line', shape: {x1: left, y1: y0, x2: right, y2: y0}, style}, {type: 'line', shape: {x1: x0, y1: top, x2: x0, y2: bottom}, style}]};
          }},
        {type: 'scatter', symbolSize: many ? 9 : 14,
          data: points.map((i) => ({value: [x.values[i][0], y.values[i][0]], index: i, symbol: many ? 'circle' : symbols[i % symbols.length],
            label: place(i),
            itemStyle: best.has(i) ? {opacity: 1, color: colour(i), borderColor: of.paper, borderWidth: 1.5} : {opacity: 1, color: of.paper, borderColor: colour(i), borderWidth: 2}})),
          label: {show: !many || best.size <= 10, color: of.text, fontSize: 13, formatter: ({data}) => !many || best.has(data.index) ? study.variations[data.index].name : ''},
          labelLayout: {hideOverlap: true},
          tooltip: {formatter: ({data}) => [study.variations[data.index].name, ...[x, y].map((metric) => `${metric.label} ${exact(metric.values[data.index][0], metric.show)} [${exact(metric.values[data.index][1], metric.show)}, ${exact(metric.values[data.index][2], metric.show)}]`)].map((t) => t.replaceAll('&', '&amp;').replaceAll('<', '&lt;')).join('<br>')}},
      ],
    };
  };
  const sorted = [...metrics].sort((a, b) => b.compact - a.compact);
  const options = sorted.map((metric) => [metric.name, metric.compact ? metric.label : `${metric.label} (${metric.name})`]);
  const again = () => { describe(); chart.draw(); };
  describe();
  return [h('div', {class: 'tools'},
    select('Across', options, x.name, (value) => { x = named(value); set('x', value); again(); }),
    select('Up', options, y.name, (value) => { y = named(value); set('y', value); again(); })), canvas, said];
}
