// A floor plan: racks as squares, by zone and rack group, at one moment.
import {copy, csv, fresh, h} from './dom.js';
import {colourOf} from './heat.js';
import {duration} from './numbers.js';
import {groupsOf, holderColour, holderLegend, letterOf, luminance, ramp, rowName, scaleLegend, stepOf, text, titleOf, topOf} from './places.js';
import {get, set} from './state.js';
import {colours, onTheme} from './theme.js';

const kGap = 3;
const kMostTableRows = 200;
const spaced = (value) => value.toLocaleString('en').replaceAll(',', '\u202f');

/** The moment in which most is in use: where a reader begins. */
function busiest(map, quantity) {
  let best = 0, most = -1;
  for (let moment = 0; moment < map.moments; ++moment) {
    let sum = 0;
    for (const row of map.rows) sum += row.count * (map.value(quantity, 'mean', moment, row) || 0);
    if (sum > most * (1 + 1e-9)) [best, most] = [moment, sum];
  }
  return best;
}

export class FloorPlan {
  constructor({map, key, what, moved}) {
    Object.assign(this, {map, key, what, moved});
    this.first = busiest(map, map.quantity('allocated'));
    const asked = Number.parseInt(get(`moment${key}`, ''), 10);
    this.moment = asked >= 0 && asked < map.moments ? asked : this.first;
  }

  get quantity() { return this.map.quantity(this.what.name); }

  element() {
    const {map} = this;
    const id = fresh('moment');
    this.slider = h('input', {id, type: 'range', min: 0, max: map.moments - 1, value: this.moment, disabled: map.moments === 1,
      oninput: () => this.go(Number(this.slider.value))});
    this.slider.value = this.moment;
    this.when = h('output', {for: id, class: 'small'});
    this.legend = h('div');
    this.now = h('p', {class: 'small now', 'aria-hidden': 'true'}, '\u00a0');
    this.plan = h('div', {class: 'plan'}, this.blocks());
    const element = h('figure', {class: 'panel heat floor'},
      h('figcaption', {}, h('h3', {}, 'Floor plan'), h('button', {class: 'plain copy', 'aria-label': 'Copy CSV of the floor plan', onclick: () => copy(this.csv(), 'Racks at this moment as CSV')}, 'Copy CSV')),
      h('div', {class: 'tools'}, h('span', {class: 'field moment'}, h('label', {for: id}, 'Moment'), this.slider), this.when),
      this.legend, this.plan, this.now, this.table());
    onTheme(() => this.draw());
    this.draw();
    return element;
  }

  /** Squares of each rack group, the groups of a zone together. */
  blocks() {
    const {map} = this;
    const size = map.rows.length <= 48 ? 34 : map.rows.length <= 160 ? 26 : map.rows.length <= 320 ? 18 : 14;
    this.squares = [];
    const zones = new Map();
    this.groups = groupsOf(map);
    for (const group of this.groups) {
      if (!zones.has(group.zone)) zones.set(group.zone, []);
      zones.get(group.zone).push(group);
    }
    return [...zones].map(([zone, groups]) => {
      const [region, name] = zone.split(/\.(?=[^.]*$)/);
      return h('div', {class: 'zone'}, h('h4', {}, region, h('span', {class: 'quiet'}, ` · zone ${name}`)), groups.map((group) => {
        const each = group.rows[0].count;
        const box = h('div', {class: 'racks', role: 'img', style: `--size:${size}px;--gap:${kGap}px`}, group.rows.map((row) => {
          const square = h('span', {class: 'rack', onpointerenter: () => this.read(row)});
          this.squares.push({row, square, size});
          return square;
        }));
        group.box = box;
        return h('div', {class: 'group'}, h('p', {class: 'small'}, group.name.replace(`${region}.`, ''),
          h('span', {class: 'quiet'}, ` · ${spaced(group.places)} ${group.places === 1 ? 'rack' : 'racks'}${each > 1 ? `, ${each} to a square` : ''}${map.kinds.length > 1 ? ` · ${group.of}` : ''}`)), box);
      }));
    });
  }

  show(what) {
    this.what = what;
    this.draw();
  }
  go(moment) {
    this.moment = moment;
    this.slider.value = moment;
    set(`moment${this.key}`, moment === this.first ? '' : moment);
    this.draw();
    this.moved(moment);
  }

  draw() {
    const {map, moment, what, quantity} = this;
    const of = colours();
    const span = `${duration(map.from[moment])} to ${duration(map.to[moment])}`;
    this.when.textContent = span;
    this.slider.setAttribute('aria-valuetext', span);
    this.legend.replaceChildren(what.holders ? holderLegend(map, of) : scaleLegend(quantity, [quantity.title.toLowerCase(), map.quantities.some((one) => one.greatest) ? `${what.which} of each square` : ''].filter(Boolean).join(', ')));
    const top = topOf(quantity), steps = ramp(quantity);
    for (const {row, square, size} of this.squares) {
      let fill, words = '', dark = false;
      if (what.holders) {
        const holder = map.holds(moment, row);
        fill = holderColour(of, holder);
        words = holder === null ? '' : letterOf(holder);
        square.style.color = holder === null ? of.quiet : of.paper;
      } else {
        const value = map.value(quantity, what.which, moment, row);
        fill = Number.isNaN(value) ? of.paper : colourOf(quantity, value);
        dark = !Number.isNaN(value) && luminance(steps[stepOf(value, top)]) < 0.42;
        words = Number.isNaN(value) ? '–' : quantity.unit === '1' ? String(Math.round(100 * value)) : '';
        square.style.color = dark ? '#ffffff' : '#10151c';
      }
      square.style.background = fill;
      square.textContent = size >= 26 || (what.holders && size >= 14) ? words : '';
    }
    this.describe();
    if (this.details.open) this.fill();
  }

  describe() {
    const {map, moment, quantity, what} = this;
    for (const group of this.groups) {
      const values = group.rows.map((row) => map.value(quantity, what.which, moment, row)).filter((value) => !Number.isNaN(value));
      const range = values.length > 0 ? `${titleOf(quantity, group)} from ${text(quantity, Math.min(...values))} to ${text(quantity, Math.max(...values))}` : 'no values';
      group.box.setAttribute('aria-label', `${group.name}: ${spaced(group.places)} racks, ${range}`);
    }
  }

  read(row) {
    const {map, moment} = this;
    const holder = map.holder ? map.holds(moment, row) : null;
    const values = map.quantities.filter((one) => one.top > 0).map((one) => {
      const [mean, most] = [map.value(one, 'mean', moment, row), map.value(one, 'greatest', moment, row)];
      return `${titleOf(one, row)} ${text(one, mean)}${most > mean ? ` (greatest ${text(one, most)})` : ''}`;
    });
    this.now.textContent = `${rowName(row)}: ${values.join(', ')}${holder === null ? '' : `; ${map.holders[holder]} holds most`}`;
  }

  headings() {
    const {map} = this;
    return ['racks', 'zone', ...map.quantities.flatMap((one) => one.greatest ? [`${one.title.toLowerCase()}, mean`, `${one.title.toLowerCase()}, greatest`] : [one.title.toLowerCase()]), ...(map.holder ? [`${map.data.holder_kind} that holds most`] : [])];
  }
  cells(row) {
    const {map, moment} = this;
    return map.quantities.flatMap((one) => (one.greatest ? ['mean', 'greatest'] : ['mean']).map((which) => [one, map.value(one, which, moment, row)]));
  }
  holderOf(row) {
    const holder = this.map.holds(this.moment, row);
    return holder === null ? '' : this.map.holders[holder];
  }
  csv() {
    const {map, moment} = this;
    return csv([['from_s', 'to_s', ...this.headings()], ...map.rows.map((row) => [map.from[moment], map.to[moment], rowName(row), row.zone,
      ...this.cells(row).map(([, value]) => value), ...(map.holder ? [this.holderOf(row)] : [])])]);
  }
  table() {
    this.body = h('div', {class: 'tables', tabindex: 0, role: 'region', 'aria-label': 'Racks at this moment, as a table'});
    this.details = h('details', {ontoggle: () => { if (this.details.open) this.fill(); }}, h('summary', {}, 'As a table'), this.body);
    return this.details;
  }
  fill() {
    const {map} = this;
    const left = map.rows.length - kMostTableRows;
    const heads = this.headings();
    const last = map.holder ? heads.length - 1 : heads.length;
    this.body.replaceChildren(h('table', {},
      h('thead', {}, h('tr', {}, heads.map((name, i) => h('th', {scope: 'col', class: i > 1 && i < last ? 'number' : null}, name)))),
      h('tbody', {}, map.rows.slice(0, kMostTableRows).map((row) => h('tr', {}, h('th', {scope: 'row'}, rowName(row)), h('td', {}, row.zone),
        this.cells(row).map(([one, value]) => h('td', {class: 'number'}, text(one, value))), map.holder ? h('td', {}, this.holderOf(row)) : null)))),
    left > 0 ? h('p', {class: 'small quiet'}, `${spaced(left)} more rows: copy the CSV.`) : '');
  }
}
