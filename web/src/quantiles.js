// Quantiles of times side by side on a logarithmic axis: where the median lies and how long the tail is.
import {axis, basics, Chart, fontFamily, nameLabel, pen, tooltip} from './charts.js';
import {h} from './dom.js';
import {logAxis, said} from './logaxis.js';
import {symbols} from './theme.js';

const kPoints = ['p50', 'p90', 'p95', 'p99', 'max'];
const kShares = {p90: 0.9, p95: 0.95, p99: 0.99};
const kLabel = 11;  // pixels

/** Metrics that are no more than the greatest sample: of 91 there is none above p99. The distributions say which, and
    where there is none, as many samples as were counted, by the same rule (known_quantile_of). */
function unknown(run) {
  const distributions = new Map(run.distributions.map((one) => [one.metric, one]));
  const counts = new Map(run.metrics.filter((one) => one.statistic === 'count').map((one) => [one.quantity, one.value]));
  return ({quantity, statistic}) => {
    const kept = distributions.get(quantity)?.quantiles.find(([name]) => name === statistic);
    if (kept) return kept[1] === null;
    const samples = counts.get(quantity);
    return samples > 0 && statistic in kShares && Math.ceil(kShares[statistic] * samples * (1 - Number.EPSILON)) >= samples;
  };
}

/** Families of metrics that have quantiles, with at least two of them known and above 0. */
export function families(run) {
  const found = new Map();
  const tooFew = unknown(run);
  for (const metric of run.metrics) {
    if (!kPoints.includes(metric.statistic) || metric.show !== 'time' || metric.value === null || tooFew(metric)) continue;
    if (!found.has(metric.quantity)) {
      const label = metric.label.replace(/, [^,]*$/, '');
      found.set(metric.quantity, {name: metric.owner ? `${metric.owner} ${label}` : label, points: {}});
    }
    found.get(metric.quantity).points[metric.statistic] = metric;
  }
  return [...found.values()].filter((family) => kPoints.filter((point) => family.points[point]?.value > 0).length > 1);
}

/** What is written above the dots of a family: its middle, and how far its tail reaches. */
const labelled = (family) => ['p50', ['p99', 'max'].find((point) => family.points[point])].filter((point) => family.points[point]?.value > 0);
const labelOf = (family, point) => `${point} ${family.points[point].text}`;

/** How far the labels of a family move sideways, by point, so that they neither meet nor leave the chart. `x`: of a value. */
function shifts(family, x, width) {
  pen.font = `${kLabel}px ${fontFamily}`;
  const boxes = labelled(family).map((point) => {
    const half = pen.measureText(labelOf(family, point)).width / 2 + 4;
    return {point, half, at: x(family.points[point].value), dot: x(family.points[point].value)};
  });
  const [first, last] = [boxes[0], boxes.at(-1)];
  if (boxes.length === 2) {
    const over = Math.max(0, first.half + last.half - (last.at - first.at)) / 2;
    first.at -= over;
    last.at += over;
  }
  if (boxes.length > 0) last.at = Math.min(last.at, width - last.half);
  if (boxes.length === 2) first.at = Math.min(first.at, last.at - last.half - first.half);
  return Object.fromEntries(boxes.map(({point, at, dot}) => [point, at - dot]));
}

export function quantiles(list) {
  const values = list.flatMap((family) => Object.values(family.points).map((m) => m.value).filter((v) => v > 0));
  const [low, high] = [Math.min(...values) / 1.6, Math.max(...values) * 1.6];
  const element = h('div', {class: 'chart', style: `height:${list.length * 34 + 62}px`, role: 'img',
    'aria-label': list.map((family) => `${family.name}: ${kPoints.filter((p) => family.points[p]).map((p) => `${p} ${family.points[p].text}`).join(', ')}`).join('. ')});
  const chart = new Chart(element, (of) => {
    const narrow = element.clientWidth < 520;
    const [left, right, width] = [narrow ? 110 : 190, 30, element.clientWidth || 900];
    const across = logAxis('time', low, high, Math.max(3, Math.floor((element.clientWidth || 900) / 130)));
    const x = (value) => left + (Math.log10(value) - across.min) / (across.max - across.min) * (width - left - right);
    const moved = list.map((family) => narrow ? {} : shifts(family, x, width));
    return {
      ...basics(of),
      grid: {left, right, top: 8, bottom: 50},
      tooltip: {...tooltip(of), trigger: 'item'},
      xAxis: axis(of, {type: 'value', min: across.min, max: across.max, splitLine: {show: false}, axisTick: {show: true, customValues: across.ticks, lineStyle: {color: of.line}},
        axisLabel: {color: of.quiet, customValues: across.ticks, hideOverlap: true, formatter: (value) => said(10 ** value, 'time', 9)}, name: 'logarithmic', nameLocation: 'middle', nameGap: 28}),
      yAxis: axis(of, {type: 'category', inverse: true, data: list.map((family) => family.name), splitLine: {show: false},
        axisLabel: nameLabel(of, narrow ? 100 : 180, narrow), axisLine: {show: false}}),
      series: [
        {type: 'custom', silent: true, data: list.map((family, i) => {
          const here = kPoints.map((p) => family.points[p]?.value).filter((v) => v > 0);
          return [Math.log10(Math.min(...here)), Math.log10(Math.max(...here)), i];
        }), renderItem: (_, api) => {
          const [x1, y] = api.coord([api.value(0), api.value(2)]);
          const [x2] = api.coord([api.value(1), api.value(2)]);
          return {type: 'line', shape: {x1, y1: y, x2, y2: y}, style: {stroke: of.line, lineWidth: 5, lineCap: 'round'}};
        }},
        ...kPoints.map((point, i) => ({
          type: 'scatter', name: point, symbol: symbols[i], symbolSize: point === 'p50' ? 13 : 11,
          itemStyle: {opacity: 1, color: of.series[i], borderColor: of.paper, borderWidth: 1.5},
          data: list.map((family, j) => family.points[point]?.value > 0 ? {value: [Math.log10(family.points[point].value), j], text: family.points[point].text,
            label: {show: point in moved[j], offset: [moved[j][point] ?? 0, 0]}} : null).filter(Boolean),
          tooltip: {formatter: (item) => `${list[item.value[1]].name}<br><b>${point}</b> ${item.data.text}`},
          label: {position: 'top', distance: 3, formatter: (item) => `${point} ${item.data.text}`, color: of.quiet, fontSize: kLabel},
        })),
      ],
    };
  }, {ready: () => new ResizeObserver(() => chart.draw()).observe(element)});  // labels move with the width
  const table = h('details', {}, h('summary', {}, 'As a table'), h('div', {class: 'tables', tabindex: 0, role: 'region', 'aria-label': 'Quantiles, as a table'},
    h('table', {}, h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, 'time'), kPoints.map((p) => h('th', {scope: 'col', class: 'number'}, p)))),
      h('tbody', {}, list.map((family) => h('tr', {}, h('th', {scope: 'row'}, family.name),
        kPoints.map((p) => h('td', {class: 'number'}, family.points[p]?.text ?? '–'))))))));
  return [element, table];
}
