// A fabric as a picture: layers of switches over the endpoints, and between them links in the colour
// of their use over the run. Where a layer has few switches and every link a row of its own, each
// link is drawn; else a box stands for several switches, and lines of one colour for all of a tier.
import {fontFamily, pen} from './charts.js';
import {h, s} from './dom.js';
import {colourOf} from './heat.js';
import {scaleLegend, text} from './places.js';
import {onTheme} from './theme.js';

const kMostBoxes = 24;      // of a layer
const kMostShared = 16;     // of a layer whose boxes stand for several
const spaced = (value) => value.toLocaleString('en').replaceAll(',', '\u202f');

/** Use over the whole of the run of rows: mean of their links, greatest of any link at any moment. */
function useOf(map, rows) {
  const quantity = map.quantity('use');
  let sum = 0, links = 0, most = 0;
  for (const row of rows) {
    let mean = 0, length = 0;
    for (let moment = 0; moment < map.moments; ++moment) {
      const long = map.to[moment] - map.from[moment];
      mean += map.value(quantity, 'mean', moment, row) * long;
      length += long;
      most = Math.max(most, map.value(quantity, 'greatest', moment, row));
    }
    sum += mean / length * row.count;
    links += row.count;
  }
  return {mean: links > 0 ? sum / links : 0, most, links};
}

export class FabricPicture {
  constructor({map, plan, what}) {
    Object.assign(this, {map, plan, what});
    this.tiers = plan.cables.map((cables) => {
      const of = (way) => map.rows.filter((row) => row.tier === cables.tier && row.way === way && this.joins(row, cables));
      const ways = (cables.low === cables.high ? ['across'] : ['up', 'down']).map((way) => ({way, rows: of(way)})).filter((one) => one.rows.length > 0)
        .map((one) => ({...one, ...useOf(map, one.rows)}));
      return {...cables, ways};
    });
  }

  /** Rows tell tiers apart; where a tier joins several pairs of layers, the ends of single links do. */
  joins(row, cables) {
    const same = this.plan.cables.filter((other) => other.tier === cables.tier && (other.low === other.high) === (cables.low === cables.high));
    if (same.length === 1 || !row.from) return true;
    const layer = (name) => Math.max(0, this.plan.layers.findIndex((one, i) => i > 0 && name.startsWith(`${one.name} `)));
    return Math.min(layer(row.from), layer(row.to)) === cables.low && Math.max(layer(row.from), layer(row.to)) === cables.high;
  }

  element() {
    for (const row of this.map.rows) row.use = useOf(this.map, [row]);
    this.box = h('div', {class: 'fabric'});
    this.legend = h('div');
    this.note = h('p', {class: 'small quiet'});
    const figure = h('figure', {class: 'panel heat'}, h('figcaption', {}, h('h3', {}, `What ${this.plan.name} is made of`), h('span', {class: 'small quiet'}, [...new Set([this.plan.type, this.plan.family])].filter(Boolean).join(' · '))), this.legend, this.box, this.note, this.table());
    onTheme(() => this.draw());
    this.width = 0;
    new ResizeObserver(() => {
      if (this.box.clientWidth !== this.width) this.draw();
    }).observe(this.box);
    this.draw();
    return figure;
  }

  show(what) {
    this.what = what;
    this.draw();
  }

  colour(value) { return colourOf(this.map.quantity('use'), value); }

  draw() {
    const {plan, what, map} = this;
    this.width = this.box.clientWidth;
    const width = Math.max(300, this.width || 960);
    this.legend.replaceChildren(scaleLegend(map.quantity('use'), what.which === 'greatest' ? 'greatest use of a link at a moment' : 'mean use over the run'));
    const ring = plan.layers.length === 1 && plan.layers[0].size <= kMostBoxes;
    const picture = ring ? this.ring(width) : this.stack(width);
    const shared = !ring && plan.layers.some((layer, i) => boxesOf(layer.size, i === 0) < layer.size);
    this.note.textContent = shared ? 'Where a box stands for several, lines show which layers are joined and not which switches, in one colour for all links of the tier.' : '';
    this.box.replaceChildren(picture, ring || width < 560 ? this.tierList() : '');
    const words = this.tiers.flatMap((tier) => tier.ways.map((one) => `${tier.tier} ${one.way}: mean ${text(map.quantity('use'), one.mean)}, greatest ${text(map.quantity('use'), one.most)}`));
    picture.setAttribute('aria-label', `${plan.name}, ${plan.family}: ${plan.layers.map((layer, i) => `${spaced(layer.size)} ${i === 0 ? layer.name : counted(layer.name, layer.size)}`).join(', ')}. Use of links over the run: ${words.join('; ')}.`);
  }

  value(one) { return this.what.which === 'greatest' ? one.most : one.mean; }
  rowValue(row) { return this.value(row.use); }

  /** "leaf-spine · 512 links of 100 Gbit/s" */
  linksText(tier) {
    const bits = (value) => {
      const [factor, unit] = value * 8 >= 1e12 ? [1e12, 'Tbit/s'] : value * 8 >= 1e9 ? [1e9, 'Gbit/s'] : [1e6, 'Mbit/s'];
      return `${Number((value * 8 / factor).toPrecision(3))} ${unit}`;
    };
    const rate = tier.least_Bps === tier.most_Bps ? bits(tier.most_Bps) : `${bits(tier.least_Bps)} to ${bits(tier.most_Bps)}`;
    return `${spaced(tier.links / 2)} × ${rate}`;
  }

  /** Layers from the top. What hangs on endpoints alone beside another layer, as a scale-up network
      does, stands below them. */
  order() {
    const {layers} = this.plan;
    const joined = layers.map((_, i) => this.tiers.filter((tier) => tier.low !== tier.high && (tier.low === i || tier.high === i)));
    const firsts = new Set(joined[0].map((tier) => tier.high));
    const below = layers.map((_, i) => i).filter((i) => i > 0 && joined[i].length > 0 && joined[i].every((tier) => tier.low === 0) && firsts.size > 1 && i !== Math.min(...firsts));
    return [...layers.keys()].filter((i) => !below.includes(i)).reverse().concat(below);
  }

  stack(width) {
    const {plan} = this;
    const narrow = width < 560;
    const left = 4, right = narrow ? 4 : 296;
    const span = width - left - right;
    const gap = narrow ? 84 : 92, tall = 16, textX = width - right + 14;
    const across = (layer) => this.tiers.filter((tier) => tier.low === layer && tier.high === layer);
    const order = this.order();
    let y = 8;
    const tops = [];
    order.forEach((layer, place) => {
      y += across(layer).length * 50;
      const last = place + 1 === order.length;
      if (narrow && !last) y += 20;
      tops[layer] = y;
      y += tall + (!last ? gap : narrow ? 24 : 6);
    });
    const svg = s('svg', {width, height: y, viewBox: `0 0 ${width} ${y}`, role: 'img'});
    const boxes = plan.layers.map((layer, i) => {
      const count = boxesOf(layer.size, i === 0);
      const pitch = span / count;
      const w = Math.max(2, Math.min(46, pitch - 3));
      return Array.from({length: count}, (_, j) => ({x: left + (j + 0.5) * pitch, w}));
    });
    const lines = s('g');
    svg.append(lines);
    for (const tier of this.tiers) {
      if (tier.low !== tier.high) {
        this.lines(lines, tier, boxes, tops, tall);
        if (!narrow) this.tierWords(svg, tier, textX, (tops[tier.low] + tops[tier.high] + tall) / 2 - 13);
      }
    }
    plan.layers.forEach((layer, i) => {
      across(i).forEach((tier, n) => {
        this.arcs(lines, tier, boxes[i], tops[i], n);
        if (!narrow) this.tierWords(svg, tier, textX, tops[i] - 42 - 50 * n);
      });
      for (const {x, w} of boxes[i]) svg.append(s('rect', {x: x - w / 2, y: tops[i], width: w, height: tall, rx: i === 0 ? Math.min(w, tall) / 2 : 3, class: 'switch'}));
      const each = layer.size / boxes[i].length;
      const words = [`${spaced(layer.size)} ${i === 0 ? (layer.size === 1 ? 'endpoint' : layer.name) : counted(layer.name, layer.size)}`, each > 1 ? `${Number(each.toPrecision(3))} to a box` : '',
        layer.oversubscription && Math.abs(layer.oversubscription - 1) > 1e-9 ? `${Number(layer.oversubscription.toPrecision(3))} : 1` : ''].filter(Boolean);
      this.layerWords(svg, words, narrow ? {x: left, y: i === order.at(-1) ? tops[i] + tall + 16 : tops[i] - 7, room: span} : {x: textX, y: tops[i] + 13, room: right - 14}, narrow && i !== order.at(-1));
    });
    return svg;
  }

  /** The name of a layer, and the rest below it where there is no room beside. `over`: lines run there, which it covers. */
  layerWords(svg, words, {x, y, room}, over) {
    pen.font = `600 13px ${fontFamily}`;
    const rest = words.slice(1).join(' · ');
    const name = s('tspan', {class: 'strong'}, words[0]);
    let wide = pen.measureText(words[0]).width;
    pen.font = `13px ${fontFamily}`;
    if (rest) wide += pen.measureText(` · ${rest}`).width;
    if (over) svg.append(s('rect', {x: 0, y: y - 13, width: x + wide + 6, height: 18, class: 'cover'}));
    svg.append(s('text', {x, y}, name, rest && wide <= room ? s('tspan', {class: 'quiet'}, ` · ${rest}`) : ''));
    if (rest && wide > room && !over) svg.append(s('text', {x, y: y + 16}, s('tspan', {class: 'quiet'}, rest)));
  }

  /** Under the name of a tier: mean and greatest of each direction. */
  tierWords(svg, tier, x, y) {
    svg.append(s('text', {x, y}, s('tspan', {}, tier.tier), s('tspan', {class: 'quiet'}, ` · ${this.linksText(tier)}`)));
    tier.ways.forEach((one, i) => svg.append(s('text', {x, y: y + 16 * (i + 1)},
      s('tspan', {class: 'figures'}, `${kArrows[one.way]} ${percent(one.mean)}`), s('tspan', {class: 'quiet'}, ` mean, ${percent(one.most)} greatest`))));
  }
  /** The same as a list, where the picture has no room for it. */
  tierList() {
    return h('ul', {class: 'tiers'}, this.tiers.map((tier) => h('li', {}, tier.tier, h('span', {class: 'quiet'}, ` · ${this.linksText(tier)}`),
      tier.ways.map((one) => h('div', {}, h('strong', {}, `${kArrows[one.way]} ${percent(one.mean)}`), h('span', {class: 'quiet'}, ` mean, ${percent(one.most)} greatest`))))));
  }

  /** Every link between two layers has a row and every switch a box. */
  exactly(tier, ...layers) {
    return tier.ways.every((one) => one.rows.every((row) => row.from)) && layers.every(([layer, boxes]) => this.plan.layers[layer].size === boxes.length);
  }
  says(row) { return `${row.from} → ${row.to}: ${percent(this.rowValue(row))}`; }

  /** Links of two layers: each in its colour if it is known, else all in that of the tier. */
  lines(group, tier, boxes, tops, tall) {
    const [low, high] = [boxes[tier.low], boxes[tier.high]];
    const above = tops[tier.high] < tops[tier.low];
    const [y1, y2] = above ? [tops[tier.low], tops[tier.high] + tall] : [tops[tier.low] + tall, tops[tier.high]];
    const thin = tier.low > 0 && low.length * high.length > 120;
    const put = (a, b, value, offset, name) => group.append(s('line', {x1: a.x + offset, y1, x2: b.x + offset, y2, stroke: this.colour(value), 'stroke-width': thin ? 1.1 : 2}, name ? s('title', {}, name) : ''));
    const ups = tier.ways.find((one) => one.way === 'up'), downs = tier.ways.find((one) => one.way === 'down');
    const ways = [[ups, -1.3], [downs, 1.3]].filter(([one]) => one);
    if (this.exactly(tier, [tier.low, low], [tier.high, high])) {
      for (const [one, offset] of ways) {
        for (const row of one.rows) {
          const [from, to] = one.way === 'up' ? [row.from, row.to] : [row.to, row.from];
          const a = low[numberOf(from, this.plan.layers[tier.low])], b = high[numberOf(to, this.plan.layers[tier.high])];
          if (a && b) put(a, b, this.rowValue(row), offset, this.says(row));
        }
      }
      return;
    }
    // Of endpoints each hangs on the switch above it; other layers are joined box by box.
    const tree = tier.low === 0;
    const pairs = tree ? (low.length >= high.length ? low.map((a, i) => [a, high[Math.floor((i + 0.5) / low.length * high.length)]])
      : high.map((b, i) => [low[Math.floor((i + 0.5) / high.length * low.length)], b])) : low.flatMap((a) => high.map((b) => [a, b]));
    for (const [a, b] of pairs) for (const [one, offset] of ways) put(a, b, this.value(one), offset);
  }

  /** Links within a layer, as arcs over its boxes: each where it is if it is known. */
  arcs(group, tier, row, y, n) {
    const [one] = tier.ways;
    if (!one || row.length < 2) return;
    const put = (a, b, lift, value, name) => group.append(s('path', {d: `M${a},${y} Q${(a + b) / 2},${y - lift} ${b},${y}`, fill: 'none', stroke: this.colour(value), 'stroke-width': 2}, name ? s('title', {}, name) : ''));
    if (this.exactly(tier, [tier.low, row])) {
      const layer = this.plan.layers[tier.low];
      for (const link of one.rows) {
        const [a, b] = [numberOf(link.from, layer), numberOf(link.to, layer)];
        // The two directions of a cable lie side by side.
        if (row[a] && row[b]) put(row[a].x + (a < b ? -2 : 2), row[b].x + (a < b ? -2 : 2), Math.min(84, 26 + 14 * Math.abs(a - b)) + (a < b ? 5 : 0), this.rowValue(link), this.says(link));
      }
      return;
    }
    const span = [1, 3, 7][n] ?? 1;
    for (let i = 0; i + span < row.length; i += n === 0 ? 1 : span) put(row[i].x, row[i + span].x, 26 + 44 * n, this.value(one));
  }

  /** A few endpoints that are joined without switches: regions on a WAN. */
  ring(width) {
    const {plan, map} = this;
    const rows = map.rows.filter((row) => row.from && row.to);
    const names = [...new Set(rows.flatMap((row) => [row.from, row.to]))];
    const tall = Math.min(360, Math.max(200, names.length * 50));
    const [cx, cy, rx, ry] = [width / 2, tall / 2, Math.min(width / 2 - 90, 300), tall / 2 - 34];
    const at = new Map(names.map((name, i) => {
      const angle = Math.PI * (2 * i / names.length - (names.length === 2 ? 1 : 0.5));
      return [name, {x: cx + rx * Math.cos(angle), y: cy + ry * Math.sin(angle)}];
    }));
    const svg = s('svg', {width, height: tall, viewBox: `0 0 ${width} ${tall}`, role: 'img'});
    const lines = s('g');
    svg.append(lines);
    for (const row of rows) {
      const [a, b] = [at.get(row.from), at.get(row.to)];
      const bend = 0.09;
      const [mx, my] = [(a.x + b.x) / 2 + (b.y - a.y) * bend, (a.y + b.y) / 2 - (b.x - a.x) * bend];
      const value = this.rowValue(row);
      lines.append(s('path', {d: `M${a.x},${a.y} Q${mx},${my} ${b.x},${b.y}`, fill: 'none', stroke: this.colour(value), 'stroke-width': 4}, s('title', {}, this.says(row))));
      if (names.length <= 6) {
        // A third of the way from its begin, so that both directions can be read.
        const t = 0.32, u = 1 - t;
        const [x, y] = [u * u * a.x + 2 * u * t * mx + t * t * b.x, u * u * a.y + 2 * u * t * my + t * t * b.y];
        svg.append(s('text', {x, y: y + (b.x > a.x ? -7 : 15), 'text-anchor': 'middle', class: 'figures halo'}, `${b.x > a.x ? '→' : b.x < a.x ? '←' : b.y > a.y ? '↓' : '↑'} ${percent(value)}`));
      }
    }
    for (const [name, {x, y}] of at) {
      svg.append(s('circle', {cx: x, cy: y, r: 8, class: 'switch'}));
      svg.append(s('text', {x, y: y + (y < cy - 1 ? -14 : 24), 'text-anchor': 'middle', class: 'strong halo'}, name));
    }
    return svg;
  }

  table() {
    const use = this.map.quantity('use');
    return h('details', {}, h('summary', {}, 'As a table'), h('div', {class: 'tables', tabindex: 0, role: 'region', 'aria-label': `Tiers of ${this.plan.name}, as a table`},
      h('table', {}, h('thead', {}, h('tr', {}, ['tier', 'direction', 'links', 'mean use', 'greatest use'].map((name, i) => h('th', {scope: 'col', class: i > 1 ? 'number' : null}, name)))),
        h('tbody', {}, this.tiers.flatMap((tier) => tier.ways.map((one) => h('tr', {}, h('th', {scope: 'row'}, tier.tier), h('td', {}, one.way),
          h('td', {class: 'number'}, spaced(one.links)), h('td', {class: 'number'}, text(use, one.mean)), h('td', {class: 'number'}, text(use, one.most)))))))));
  }
}

const kArrows = {up: '↑', down: '↓', across: '↔'};
const percent = (value) => `${Number((100 * value).toPrecision(3))}\u00a0%`;
/** All where they are few; else such a number that each box stands for equally many, if there is one. */
function boxesOf(size, endpoints) {
  if (size <= (endpoints ? 32 : kMostBoxes)) return size;
  const most = endpoints ? 32 : kMostShared;
  for (let count = most; count > most / 2; --count) if (size % count === 0) return count;
  return most;
}
/** Layers whose bare name would be something else: 256 cores are those of a CPU. */
const kAdjectives = new Set(['core', 'aggregation']);
const counted = (name, size) => kAdjectives.has(name) ? `${name} ${size === 1 ? 'switch' : 'switches'}` : size === 1 ? name : plural(name);
const plural = (name) => /(s|x|ch|sh)$/.test(name) ? `${name}es` : name === 'leaf' ? 'leaves' : `${name}s`;
function numberOf(name, layer) {
  const found = / (\d+)$/.exec(name);
  return found && (name.startsWith(`${layer.name} `) || layer.name === 'endpoints') ? Number(found[1]) : -1;
}
