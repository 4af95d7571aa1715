// A study: which differences are real, what is a choice, and every variation with its intervals.
import {tornado} from './bars.js';
import {changes} from './changes.js';
import {copy, csv, h, scroller, section, select} from './dom.js';
import {forest, multiple} from './intervals.js';
import {pareto} from './pareto.js';
import {scenario} from './run.js';
import {get, set} from './state.js';
import {table} from './tables.js';

const kGood = {better: 'good', worse: 'bad', undecided: 'warn'};
const kSigns = {better: '✓', worse: '✗', higher: '↑', lower: '↓', same: '=', undecided: '?'};
const badge = (word) => h('span', {class: `badge ${kGood[word] ?? ''}`}, `${kSigns[word] ?? ''} ${word}`);

function counts(variation) {
  const found = new Map();
  for (const word of ['better', 'worse', 'higher', 'lower', 'undecided', 'same']) {
    const n = variation.rows.filter((row) => row.verdict === word).length;
    if (n > 0) found.set(word, n);
  }
  return found;
}

/** "shop within slo holds in every run of a and b, in 3 of 20 of c, and in none of d". */
function kept(study) {
  const metrics = [...new Map(study.variations.flatMap((one) => one.objectives.map((objective) => [objective.metric, objective.label])))];
  return metrics.slice(0, 3).map(([metric, label]) => {
    const groups = {every: [], some: [], none: []};
    for (const one of study.variations) {
      const found = one.objectives.find((objective) => objective.metric === metric);
      if (!found) continue;
      groups[found.met === found.runs ? 'every' : found.met === 0 ? 'none' : 'some'].push(one.name);
    }
    const few = (names) => names.length > 4 ? `${names.length} variations` : names.join(' and ');
    const parts = [groups.every.length > 0 ? `holds in every run of ${few(groups.every)}` : '',
      groups.some.length > 0 ? `in some of ${few(groups.some)}` : '', groups.none.length > 0 ? `in none of ${few(groups.none)}` : ''].filter(Boolean);
    if (groups.every.length === 0) parts[0] = `holds ${parts[0]}`;
    return `The objective ${label} ${parts.join(', ')}.`;
  });
}

/** What a manager reads: a sentence or two. */
export function verdict(study) {
  const {comparison} = study;
  const words = comparison.variations.map((variation) => {
    const of = counts(variation);
    const better = of.get('better') ?? 0, worse = of.get('worse') ?? 0;
    if (better + worse === 0) return `${variation.name} shows no difference that is better or worse`;
    return `${variation.name} is better in ${better} and worse in ${worse} of ${variation.rows.length} metrics`;
  });
  if (words.length === 0) return 'Nothing could be compared.';
  const said = words.slice(0, 4).join('; ');
  return `Against ${comparison.base}: ${said}${words.length > 4 ? `; ${words.length - 4} more variations are below` : ''}. ${kept(study).join(' ')}`;
}

function cards(study) {
  const {comparison} = study;
  return h('div', {class: 'cards'}, comparison.variations.slice(0, 6).map((variation) => h('div', {class: 'card'},
    h('h3', {}, variation.name, h('span', {class: 'quiet', style: 'font-weight:400'}, ` against ${comparison.base}`)),
    h('div', {class: 'chips'}, [...counts(variation)].map(([word, n]) => h('span', {class: `badge ${kGood[word] ?? ''}`}, `${kSigns[word]} ${word} in ${n}`))),
    variation.sentences.map((text) => h('p', {class: 'small'}, text)),
    variation.warnings.map((text) => h('p', {class: 'small'}, h('span', {class: 'badge warn'}, 'doubt'), ` ${text}`)))));
}

function objectives(study) {
  const rows = study.variations.flatMap((variation) => variation.objectives.map((objective) => ({variation, objective}))).slice(0, 30);
  if (rows.length === 0) return null;
  return scroller({'aria-label': 'Objectives'}, h('table', {class: 'fit'},
    h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, 'objective'), h('th', {scope: 'col'}, 'variation'), h('th', {scope: 'col'}, 'holds in'))),
    h('tbody', {}, rows.map(({variation, objective}) => h('tr', {}, h('th', {scope: 'row'}, objective.label), h('td', {}, variation.name),
      h('td', {}, h('span', {class: `badge ${objective.met === objective.runs ? 'good' : objective.met === 0 ? 'bad' : 'warn'}`}, `${objective.met} of ${objective.runs} runs`)))))));
}

function differences(study) {
  const {comparison} = study;
  const names = comparison.variations.map((one) => one.name);
  const shown = h('div');
  const draw = (name) => {
    const variation = comparison.variations.find((one) => one.name === name) ?? comparison.variations[0];
    shown.replaceChildren(table({
      state: 'differences', noun: 'metrics', label: `${variation.name} against ${comparison.base}`, rows: variation.rows,
      words: (row) => `${row.metric} ${row.label} ${row.verdict}`,
      columns: [
        {key: 'metric', title: 'metric', value: (row) => row.label, text: (row) => row.label},
        {key: 'base', title: comparison.base, number: true, value: (row) => row.base, text: (row) => row.base},
        {key: 'other', title: variation.name, number: true, value: (row) => row.other, text: (row) => row.other},
        {key: 'difference', title: 'difference', number: true, value: (row) => row.relative?.[0] ?? row.mean, text: (row) => row.difference[0]},
        {key: 'interval', title: `${comparison.confidence * 100} % interval`, number: true, class: 'range', value: (row) => row.interval[0], text: (row) => `[${row.difference[1]}, ${row.difference[2]}]`},
        {key: 'p', title: 'p (Holm)', number: true, value: (row) => row.p, text: (row) => row.p < 1e-4 ? '< 0.0001' : row.p.toFixed(4)},
        {key: 'verdict', title: 'verdict', value: (row) => row.verdict, element: (row) => [badge(row.verdict), row.skewed ? h('span', {class: 'quiet'}, ' skewed') : '']},
      ],
    }));
  };
  const first = names.includes(get('variation')) ? get('variation') : names[0];
  draw(first);
  const all = () => copy(csv([['variation', 'metric', 'difference', 'low', 'high', 'relative', 'p_holm', 'verdict'],
    ...comparison.variations.flatMap((one) => one.rows.map((row) => [one.name, row.metric, row.mean, ...row.interval, row.relative?.[0], row.p, row.verdict]))]), 'Differences as CSV');
  return [h('div', {class: 'tools'}, names.length > 1 ? select('Variation', names.map((name) => [name, name]), first, (name) => { set('variation', name); draw(name); }) : null,
    h('button', {onclick: all}, 'Copy CSV')), shown];
}

function variations(study) {
  const shown = compared(study);
  const parameters = [...new Set(study.variations.flatMap((one) => one.parameters.map(([name]) => name)))];
  const rows = study.variations.map((one, i) => ({one, i}));
  const parameter = (one, name) => one.parameters.find(([other]) => other === name)?.[1] ?? '';
  const columns = (metrics) => [
    {key: 'name', title: 'variation', value: ({one}) => one.name, text: ({one}) => one.name},
    ...parameters.filter((name) => study.variations.some((one) => parameter(one, name) !== one.name)).map((name) => (
      {key: `p-${name}`, title: name, value: ({one}) => Number.isNaN(Number.parseFloat(parameter(one, name))) ? parameter(one, name) : Number.parseFloat(parameter(one, name)), text: ({one}) => parameter(one, name)})),
    ...metrics.map((metric) => ({key: metric.name, number: true, hint: metric.meaning,
      title: `${metric.label}${metric.shown_unit ? `, ${metric.shown_unit}` : ''}`,
      value: ({i}) => metric.values[i]?.[0] ?? null, text: ({i}) => metric.values[i]?.[4] ?? '–'})),
  ];
  const all = () => copy(csv([['variation', ...parameters, ...study.metrics.flatMap((metric) => [metric.name, `${metric.name}.low`, `${metric.name}.high`])],
    ...rows.map(({one, i}) => [one.name, ...parameters.map((name) => parameter(one, name)), ...study.metrics.flatMap((metric) => metric.values[i]?.slice(0, 3) ?? ['', '', ''])])]), 'Variations as CSV');
  return [h('div', {class: 'tools'}, h('button', {onclick: all}, 'Copy all metrics as CSV')),
    table({state: 'variations', noun: 'variations', label: 'Variations', rows, words: ({one}) => `${one.name} ${one.parameters.flat().join(' ')}`, columns: columns(shown)})];
}

function provenance(study, data) {
  const facts = [['study', study.name], ['file', h('code', {}, study.file)], ['runs', `${study.done} of ${study.runs} done, seeds ${study.seeds}`],
    ['page by', `hyperdc ${data.program.version}, ${data.program.build}`]];
  return [h('pre', {class: 'command'}, data.command),
    h('dl', {class: 'facts'}, facts.map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)])),
    h('details', {}, h('summary', {}, `Scenarios of the variations (${study.variations.length})`),
      h('dl', {class: 'facts'}, study.variations.map((one) => [h('dt', {}, one.name), h('dd', {}, h('code', {}, one.sha256))])))];
}

/** Metrics that are compared, in the order of the comparison: as on the screen of `compare`. */
function compared(study) {
  const order = new Map((study.comparison.variations[0]?.rows ?? []).map((row, i) => [row.metric, i]));
  return study.metrics.filter((metric) => metric.compact && metric.values.some(Boolean))
    .sort((a, b) => (order.get(a.name) ?? order.size) - (order.get(b.name) ?? order.size));
}

export function studySections(study, data) {
  const out = [];
  const {comparison} = study;
  const real = comparison.variations.filter((one) => one.rows.length > 0);
  const percent = `${comparison.confidence * 100} %`;
  out.push(section('summary', 'What is real', real.length > 0 ? cards(study) : null, objectives(study),
    comparison.variations.length > 6 || comparison.left_out > 0 ? h('p', {class: 'small quiet'}, `${comparison.variations.length + comparison.left_out} variations were compared; six are shown here${comparison.left_out > 0 ? `, ${comparison.variations.length} below` : ', all below'}.`) : null,
    comparison.refused.length > 0 ? h('details', {open: real.length === 0}, h('summary', {}, `Not compared (${comparison.refused.length})`),
      h('ul', {class: 'small'}, comparison.refused.slice(0, 50).map((one) => h('li', {}, `${[one.variation, one.metric].filter(Boolean).join(' ')}: ${one.reason}${one.hint ? `; ${one.hint}` : ''}`)))) : null,
    real.length > 0 ? h('p', {class: 'small quiet', style: 'margin-top:10px'}, `Paired by seed, ${percent} intervals${comparison.method === 't' ? '' : ' (bootstrap)'}. Verdicts hold together with ${percent} (Holm over ${comparison.comparisons} comparisons); each interval stands alone.`,
      comparison.median_variance_ratio !== null ? ` Common random numbers leave ${(comparison.median_variance_ratio * 100).toPrecision(3)} % of the variance of independent runs (median).` : '') : null));
  if (real.length > 0) {
    out.push(section('differences', `Differences from ${comparison.base}`,
      real.length <= 4 ? forest(comparison) : null, differences({...study, comparison: {...comparison, variations: real}})));
  }
  if (study.changes) out.push(section('changes', 'What changed', changes(study.changes, 'variation')));
  const moves = tornado(study);
  if (moves) out.push(section('tornado', 'What moves it most', moves));
  const choice = pareto(study);
  if (choice) out.push(section('choice', 'What is a choice', choice));
  const shown = compared(study);
  out.push(section('values', 'Every metric',
    h('p', {class: 'small quiet'}, `Mean with its ${percent} interval; faint dots are the single runs. Axes do not begin at 0.${study.variations.length > 40 ? ' The first 40 variations.' : ''}`),
    h('div', {class: 'multiples'}, shown.map((metric) => multiple(metric, study.variations, study)))));
  out.push(section('variations', 'Variations', variations(study)));
  if (study.resolved) out.push(section('scenario', `Scenario of ${study.variations[0].name}`, scenario(study.resolved, study.variations[0].name)));
  out.push(section('origin', 'Where this comes from', provenance(study, data)));
  return out;
}
