// The page: reads its data and puts the views together.
import {totals} from './bars.js';
import {distributionsAcross} from './cdf.js';
import {changes} from './changes.js';
import {h, section, select} from './dom.js';
import {runSections, sentence, sideBySide} from './run.js';
import {withMicro} from './micro.js';
import {get, set} from './state.js';
import {studySections, verdict} from './study.js';
import {toggle} from './theme.js';

const data = withMicro(JSON.parse(document.getElementById('data').textContent));
const content = document.getElementById('content');
const top = document.getElementById('top');

function head(kind, title, sentence, description, provider = '') {
  top.append(h('div', {class: 'head'}, h('div', {}, h('p', {class: 'kind'}, kind), h('h1', {}, title)), toggle()));
  if (sentence) top.append(h('p', {class: 'lead'}, sentence));
  if (description) top.append(h('p', {class: 'quiet small', style: 'margin-top:10px'}, description));
  if (provider) top.append(h('p', {class: 'small'}, `${provider}.`));
}

let watched = false;
function links(sections) {
  const nav = document.querySelector('nav') ?? h('nav', {'aria-label': 'Sections'});
  nav.replaceChildren(h('ul', {}, sections.map((one) => h('li', {}, h('a', {href: `#${one.id}`, onclick: (event) => {
    event.preventDefault();  // the address keeps the state
    one.scrollIntoView();
    one.tabIndex = -1;
    one.focus({preventScroll: true});
  }}, one.querySelector('h2').textContent)))));
  top.after(nav);
  // What a link leads to stays below the links, however many rows they need.
  if (!watched) new ResizeObserver(() => { document.documentElement.style.scrollPaddingTop = `${nav.offsetHeight + 14}px`; }).observe(nav);
  watched = true;
}

/** While runs are missing, that comes first: what follows may still change. */
function lead(study) {
  if (study.done >= study.runs) return verdict(study);
  return [h('span', {class: 'badge warn'}, 'unfinished'), ` ${study.done} of ${study.runs} runs done: what follows may still change. ${verdict(study)}`];
}

function study() {
  const {study} = data;
  head(`Study · ${study.variations.length} variations × ${study.seed_count} seeds · ${study.done} of ${study.runs} runs`, data.title, lead(study), study.description);
  const sections = studySections(study, data);
  content.append(...sections);
  links(sections);
}

function oneRun() {
  const [run] = data.runs;
  head(`Run · ${run.span} · seed ${run.seed}`, data.title, run.verdict, run.description, run.provider);
  const alone = data.runs.length === 1 ? 'One seed: no uncertainty is shown.' : '';
  if (alone) top.append(h('p', {class: 'small quiet'}, alone));
  const sections = runSections(run, data, '');
  content.append(...sections);
  links(sections);
}

function manyRuns() {
  const names = [...new Set(data.runs.map((run) => run.scenario))];
  head(`${data.runs.length} runs · ${names.length} ${names.length === 1 ? 'scenario' : 'scenarios'}`, data.title, sentence(data));
  const name = (run) => names.length === data.runs.length ? run.scenario : `${run.scenario}, seed ${run.seed}`;
  // A column a run; of many the first of each scenario.
  const few = (data.runs.length <= 8 ? data.runs : names.map((one) => data.runs.find((run) => run.scenario === one))).slice(0, 8);
  const across = distributionsAcross(data.runs);
  const first = [sideBySide(data), data.changes ? section('changes', 'What changed', changes(data.changes, 'scenario')) : null, across ? section('distributions', 'How long things took, run by run', across) : null,
    few.some((run) => run.breakdowns.length > 0) ? section('totals', 'Cost and energy, run by run', totals(few, name)) : null].filter(Boolean);
  const detail = h('div');
  const draw = (index) => {
    const run = data.runs[index];
    const sections = runSections(run, data, `-${index}`);
    detail.replaceChildren(h('div', {class: 'tools', style: 'margin:24px 0 0'}, select('Run', data.runs.map((one, i) => [i, name(one)]), index, (value) => {
      set('run', value === '0' ? '' : value);
      draw(Number(value));
    })), h('p', {class: 'lead'}, `${name(run)}: ${run.verdict}`), ...[run.description, run.provider].filter(Boolean).map((text) => h('p', {class: 'quiet small'}, text)), ...sections);
    links([...first, ...sections]);
  };
  content.append(...first, detail);
  const chosen = Number(get('run', '0'));
  draw(chosen < data.runs.length && chosen >= 0 ? chosen : 0);
}

if (data.study) study();
else if (data.runs.length === 1) oneRun();
else manyRuns();

document.getElementById('foot').append(
  h('p', {}, `Written by hyperdc ${data.program.version}: `, h('code', {}, data.command), '. This file asks no network for anything.'),
  h('p', {}, 'Charts: Apache ECharts, © The Apache Software Foundation, Apache License 2.0; ZRender, © Baidu Inc., BSD 3-Clause License.'));
document.documentElement.dataset.ready = 'true';
