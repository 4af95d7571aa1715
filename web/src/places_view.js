// The sections of a run on its racks and on its fabrics.
import {h, section, select} from './dom.js';
import {FabricPicture} from './fabric.js';
import {FloorPlan} from './floor.js';
import {HeatMap} from './heat.js';
import {duration} from './numbers.js';
import {PlaceMap, Stretch} from './places.js';
import {get, set} from './state.js';

const number = (value) => value.toLocaleString('en').replaceAll(',', '\u202f');

/** What a moment and a row stand for, in words. */
function grain(map, noun) {
  const {data} = map;
  const words = [map.moments === 1 ? 'One moment: the whole run; with a shorter series_step there are more.'
    : `${number(map.moments)} moments of about ${duration((map.to.at(-1) - map.from[0]) / map.moments)}.`];
  const shared = Math.max(...map.rows.map((row) => row.count));
  if (shared > 1) words.push(`Up to ${number(shared)} neighbouring ${noun}s share a row: choose mean or greatest.`);
  if (data.whole_moments > map.moments || data.whole_rows > data.rows.length) words.push(`The page has room for less than ${noun}s.csv, which has ${number(data.whole_moments)} moments and ${number(data.whole_rows)} rows.`);
  return words.join(' ');
}

/** Controls that keep what they say in the address. */
function choice(label, key, options, otherwise, act) {
  const at = get(key, otherwise);
  const value = options.some(([name]) => name === at) ? at : otherwise;
  return {value, element: select(label, options, value, (next) => {
    set(key, next === otherwise ? '' : next);
    act(next);
  })};
}

function racks(map, time, key) {
  const shown = map.quantities.filter((one) => one.top > 0 || one.name === 'allocated');
  const options = [...shown.map((one) => [one.name, one.title.toLowerCase()]), ...(map.holder ? [['who', `${map.data.holder_kind} that holds most`]] : [])];
  const what = {name: 'allocated', which: 'mean', holders: false};
  const quantity = choice('Show', `racks${key}`, options, 'allocated', (name) => apply({name: name === 'who' ? 'allocated' : name, holders: name === 'who'}));
  Object.assign(what, {name: quantity.value === 'who' ? 'allocated' : quantity.value, holders: quantity.value === 'who'});
  const joined = map.quantities.some((one) => one.greatest);
  const which = joined ? choice('of each row', `rackrow${key}`, [['mean', 'the mean'], ['greatest', 'the greatest']], 'mean', (name) => apply({which: name})) : null;
  if (which) what.which = which.value;
  const floor = new FloorPlan({map, key, what: {...what}, moved: (moment) => heat.mark(moment)});
  const heat = new HeatMap({map, time, title: 'Racks over time', noun: 'rack', what: {...what}, moment: floor.moment, pick: (moment) => floor.go(moment)});
  const apply = (change) => {
    Object.assign(what, change);
    heat.show({...what});
    floor.show({...what});
  };
  return section('racks', 'Racks',
    h('p', {class: 'small quiet'}, `What was held of the ${map.kinds.join(' or ')} of each rack at the end of each moment. ${grain(map, 'rack')}`),
    h('div', {class: 'tools'}, quantity.element, which?.element), heat.element(), floor.element());
}

function fabric(map, time, key, plan) {
  const {name} = plan;
  const which = choice('Show', `links${key}-${name}`, [['mean', 'mean use'], ['greatest', 'greatest use']], 'mean', (next) => {
    heat.show({name: 'use', which: next});
    picture.show({which: next});
  });
  const what = {name: 'use', which: which.value};
  const picture = new FabricPicture({map, plan, what});
  const heat = new HeatMap({map, time, title: `Links of ${name} over time`, noun: 'link', what});
  return [h('p', {class: 'small quiet'}, `Bytes that crossed each link, of what it could carry. ${grain(map, 'link')}`),
    h('div', {class: 'tools'}, which.element), picture.element(), heat.element()];
}

/** Sections of a run on its places; none where nothing was recorded. */
export function placeSections(run, time, key) {
  if (!run.places) return [];
  const out = [];
  const {racks: ofRacks, links, fabrics} = run.places;
  const stretch = (map) => time ?? new Stretch(map.from[0], map.to.at(-1));
  if (ofRacks) {
    const map = new PlaceMap(ofRacks);
    out.push(racks(map, stretch(map), key));
  }
  if (links) {
    const parts = fabrics.map((plan) => {
      const map = new PlaceMap(links, plan.name);
      if (map.quantity('use').top === 0) {
        return h('p', {class: 'small quiet'}, `${plan.name}: nothing crossed it as a flow. What training runs exchange by the loads of links is in the time of their steps.`);
      }
      return fabric(map, stretch(map), key, plan);
    });
    out.push(section('fabrics', fabrics.length > 1 ? 'Fabrics' : 'Fabric', parts));
  }
  return out;
}
