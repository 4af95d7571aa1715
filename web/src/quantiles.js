// Quantiles of times side by side on a logarithmic axis: where the median lies and how long the tail is.
import {axis, basics, Chart, tooltip} from './charts.js';
import {h} from './dom.js';
import {logAxis, said} from './logaxis.js';
import {symbols} from './theme.js';

const kPoints = ['p50', 'p90', 'p95', 'p99', 'max'];

/** Families of metrics that have quantiles, with at least two of them above 0. */
export function families(metrics) {
  const found = new Map();
  for (const metric of metrics) {
    if (!kPoints.includes(metric.statistic) || metric.show !== 'time' || metric.value === null) continue;
    if (!found.has(metric.quantity)) {
      const label = metric.label.replace(/, [^,]*$/, '');
      found.set(metric.quantity, {name: metric.owner ? `${metric.owner} ${label}` : label, points: {}});
    }
    found.get(metric.quantity).points[metric.statistic] = metric;
  }
  return [...found.values()].filter((family) => kPoints.filter((point) => family.points[point]?.value > 0).length > 1);
}

export function quantiles(list) {
  const values = list.flatMap((family) => Object.values(family.points).map((m) => m.value).filter((v) => v > 0));
  const [low, high] = [Math.min(...values) / 1.6, Math.max(...values) * 1.6];
  const element = h('div', {class: 'chart', style: `height:${list.length * 34 + 62}px`, role: 'img',
    'aria-label': list.map((family) => `${family.name}: ${kPoints.filter((p) => family.points[p]).map((p) => `${p} ${family.points[p].text}`).join(', ')}`).join('. ')});
  new Chart(element, (of) => {
    const narrow = element.clientWidth < 520;
    const across = logAxis('time', low, high, Math.max(3, Math.floor((element.clientWidth || 900) / 130)));
    return {
      ...basics(of),
      grid: {left: narrow ? 110 : 190, right: 30, top: 8, bottom: 50},
      tooltip: {...tooltip(of), trigger: 'item'},
      xAxis: axis(of, {type: 'value', min: across.min, max: across.max, splitLine: {show: false}, axisTick: {show: true, customValues: across.ticks, lineStyle: {color: of.line}},
        axisLabel: {color: of.quiet, customValues: across.ticks, hideOverlap: true, formatter: (value) => said(10 ** value, 'time', 9)}, name: 'logarithmic', nameLocation: 'middle', nameGap: 28}),
      yAxis: axis(of, {type: 'category', inverse: true, data: list.map((family) => family.name), splitLine: {show: false},
        axisLabel: {color: of.text, fontSize: 13, width: narrow ? 100 : 180, overflow: 'truncate'}, axisLine: {show: false}}),
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
          data: list.map((family, j) => family.points[point]?.value > 0 ? {value: [Math.log10(family.points[point].value), j], text: family.points[point].text} : null).filter(Boolean),
          tooltip: {formatter: (item) => `${list[item.value[1]].name}<br><b>${point}</b> ${item.data.text}`},
          label: {show: !narrow && (point === 'p50' || point === 'p99'), position: 'top', distance: 3, formatter: (item) => `${point} ${item.data.text}`, color: of.quiet, fontSize: 11},
          labelLayout: {hideOverlap: true},
        })),
      ],
    };
  });
  const table = h('details', {}, h('summary', {}, 'As a table'), h('div', {class: 'tables', tabindex: 0, role: 'region', 'aria-label': 'Quantiles, as a table'},
    h('table', {}, h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, 'time'), kPoints.map((p) => h('th', {scope: 'col', class: 'number'}, p)))),
      h('tbody', {}, list.map((family) => h('tr', {}, h('th', {scope: 'row'}, family.name),
        kPoints.map((p) => h('td', {class: 'number'}, family.points[p]?.text ?? '–'))))))));
  return [element, table];
}
