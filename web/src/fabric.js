// A fabric as a picture: layers of switches over the endpoints, and between them links in the colour
// of their use over the run. Where a layer has few switches and every link a row of its own, each
// link is drawn; else a box stands for several switches, and lines of one colour for all of a tier.
import {h, s} from './dom.js';
import {colourOf} from './heat.js';
import {scaleLegend, text} from './places.js';
import {onTheme} from './theme.js';

const kMostBoxes = 24;      // of a layer
const kMostLinesEach = 24;  // from a box upwards
const spaced = (value) => value.toLocaleString('en').replaceAll(',', '\u202f');

/** Use over the whole of the run of rows: mean of their links, greatest of any link at any moment. */
function useOf(map, rows, which = null) {
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
  return which === null ? {mean: links > 0 ? sum / links : 0, most, links} : (which === 'mean' ? (links > 0 ? sum / links : 0) : most);
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
    this.box = h('div', {class: 'fabric'});
    this.legend = h('div');
    const figure = h('figure', {class: 'panel heat'}, h('figcaption', {}, h('h3', {}, `What ${this.plan.name} is made of`)), this.legend, this.box, this.table());
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
    this.box.replaceChildren(picture);
    this.caption?.remove();
    const words = this.tiers.flatMap((tier) => tier.ways.map((one) => `${tier.tier} ${one.way}: mean ${text(map.quantity('use'), one.mean)}, greatest ${text(map.quantity('use'), one.most)}`));
    picture.setAttribute('aria-label', `${plan.name}, ${plan.family}: ${plan.layers.map((layer) => `${spaced(layer.size)} ${layer.name}`).join(', ')}. Use of links over the run: ${words.join('; ')}.`);
  }

  value(one) { return this.what.which === 'greatest' ? one.most : one.mean; }
  rowValue(row) { return useOf(this.map, [row], this.what.which === 'greatest' ? 'most' : 'mean'); }

  /** "leaf-spine · 512 links of 100 Gbit/s" */
  linksText(tier) {
    const bits = (value) => {
      const [factor, unit] = value * 8 >= 1e12 ? [1e12, 'Tbit/s'] : value * 8 >= 1e9 ? [1e9, 'Gbit/s'] : [1e6, 'Mbit/s'];
      return `${Number((value * 8 / factor).toPrecision(3))} ${unit}`;
    };
    const rate = tier.least_Bps === tier.most_Bps ? bits(tier.most_Bps) : `${bits(tier.least_Bps)} to ${bits(tier.most_Bps)}`;
    return `${spaced(tier.links / 2)} × ${rate}`;
  }

  stack(width) {
    const {plan} = this;
    const narrow = width < 560;
    const left = 4, right = narrow ? 4 : 260;
    const span = width - left - right;
    const gap = 92, tall = 16, head = narrow ? 18 : 0;
    const across = (layer) => this.tiers.filter((tier) => tier.low === layer && tier.high === layer);
    const between = (layer) => this.tiers.filter((tier) => tier.low !== tier.high && tier.low === layer);
    // From the top: the highest layer first.
    let y = 20 + head;
    const tops = [];
    for (let layer = plan.layers.length - 1; layer >= 0; --layer) {
      y += across(layer).length > 0 ? 36 : 0;
      tops[layer] = y;
      y += tall + (layer > 0 ? gap + (narrow ? 36 : 0) : 6);
    }
    const svg = s('svg', {width, height: y + 4, viewBox: `0 0 ${width} ${y + 4}`, role: 'img'});
    const boxes = plan.layers.map((layer, i) => {
      const count = Math.min(layer.size, i === 0 ? 32 : kMostBoxes);
      const pitch = span / count;
      const w = Math.min(46, pitch - 3);
      return Array.from({length: count}, (_, j) => ({x: left + (j + 0.5) * pitch, w}));
    });
    const lines = s('g');
    svg.append(lines);
    for (const tier of this.tiers) tier.low === tier.high ? this.arcs(lines, tier, boxes, tops) : this.lines(lines, tier, boxes, tops, tall);
    plan.layers.forEach((layer, i) => {
      for (const {x, w} of boxes[i]) svg.append(s('rect', {x: x - w / 2, y: tops[i], width: Math.max(2, w), height: tall, rx: i === 0 ? tall / 2 : 3, class: 'switch'}));
      const each = layer.size / boxes[i].length;
      const words = [`${spaced(layer.size)} ${i === 0 || layer.size === 1 ? layer.name : plural(layer.name)}`, each > 1 ? `${Number(each.toPrecision(3))} to a box` : '',
        layer.oversubscription && Math.abs(layer.oversubscription - 1) > 1e-9 ? `${Number(layer.oversubscription.toPrecision(3))} : 1` : ''].filter(Boolean);
      this.words(svg, narrow ? left : width - right + 14, narrow ? tops[i] - 6 : tops[i] + 13, words[0], words.slice(1));
    });
    for (const [layer] of plan.layers.entries()) {
      const tiers = [...between(layer), ...across(layer)];
      tiers.forEach((tier, i) => this.tierWords(svg, tier, {narrow, left, width, right, y: tier.low === tier.high ? tops[layer] - 20 : middle(tops, tier, tall) + (i - (between(layer).length - 1) / 2) * 50}));
    }
    return svg;
  }

  words(svg, x, y, strong, more) {
    svg.append(s('text', {x, y}, s('tspan', {class: 'strong'}, strong), more.length > 0 ? s('tspan', {class: 'quiet'}, ` · ${more.join(' · ')}`) : ''));
  }

  /** Under the name of a tier: mean and greatest of each direction. */
  tierWords(svg, tier, {narrow, left, width, right, y}) {
    const x = narrow ? left : width - right + 14;
    const at = narrow ? y - 6 : y - 13;
    svg.append(s('text', {x, y: at}, s('tspan', {class: 'name'}, tier.tier), s('tspan', {class: 'quiet'}, ` · ${this.linksText(tier)}`)));
    tier.ways.forEach((one, i) => svg.append(s('text', {x, y: at + 16 * (i + 1)},
      s('tspan', {class: 'figures'}, `${kArrows[one.way]} ${percent(one.mean)}`), s('tspan', {class: 'quiet'}, ` mean, ${percent(one.most)} greatest`))));
  }

  /** Links of two layers: each in its colour if it is known, else all in that of the tier. */
  lines(group, tier, boxes, tops, tall) {
    const [low, high] = [boxes[tier.low], boxes[tier.high]];
    const [y1, y2] = [tops[tier.low], tops[tier.high] + tall];
    const put = (a, b, value, offset, name) => group.append(s('line', {x1: a.x + offset, y1, x2: b.x + offset, y2, stroke: this.colour(value), 'stroke-width': 2}, name ? s('title', {}, name) : ''));
    const ups = tier.ways.find((one) => one.way === 'up'), downs = tier.ways.find((one) => one.way === 'down');
    const whole = [ups, downs].filter(Boolean).every((one) => one.rows.every((row) => row.from));
    const exactly = whole && this.plan.layers[tier.low].size === low.length && this.plan.layers[tier.high].size === high.length;
    if (exactly) {
      for (const [one, offset] of [[ups, -1.4], [downs, 1.4]]) {
        for (const row of one?.rows ?? []) {
          const [from, to] = one.way === 'up' ? [row.from, row.to] : [row.to, row.from];
          const a = low[numberOf(from, this.plan.layers[tier.low])], b = high[numberOf(to, this.plan.layers[tier.high])];
          if (a && b) put(a, b, this.rowValue(row), offset, `${row.from} → ${row.to}: ${text(this.map.quantity('use'), this.rowValue(row))}`);
        }
      }
      return;
    }
    // Endpoints hang on the switch above them; other layers are joined box by box.
    const tree = tier.low === 0 && this.plan.layers[0].size >= this.plan.layers[tier.high].size;
    low.forEach((a, i) => {
      const above = tree ? [high[Math.floor((i + 0.5) / low.length * high.length)]] : high.filter((_, j) => j % Math.ceil(high.length / kMostLinesEach) === 0);
      for (const b of above) {
        if (ups) put(a, b, this.value(ups), downs ? -1.2 : 0);
        if (downs) put(a, b, this.value(downs), ups ? 1.2 : 0);
      }
    });
    if (!tree) return;
    high.forEach((b, j) => {  // a switch that no drawn endpoint hangs on
      const reached = low.some((_, i) => Math.floor((i + 0.5) / low.length * high.length) === j);
      if (!reached && ups) put(low[Math.min(low.length - 1, Math.floor((j + 0.5) / high.length * low.length))], b, this.value(ups), 0);
    });
  }

  /** Links within a layer, as arcs over its boxes. */
  arcs(group, tier, boxes, tops) {
    const row = boxes[tier.low];
    const y = tops[tier.low];
    const [one] = tier.ways;
    if (!one || row.length < 2) return;
    const colour = this.colour(this.value(one));
    for (let i = 0; i + 1 < row.length; ++i) {
      const [a, b] = [row[i].x, row[i + 1].x];
      group.append(s('path', {d: `M${a},${y} Q${(a + b) / 2},${y - 22} ${b},${y}`, fill: 'none', stroke: colour, 'stroke-width': 2}));
    }
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
    const use = map.quantity('use');
    for (const row of rows) {
      const [a, b] = [at.get(row.from), at.get(row.to)];
      const bend = 0.09;
      const [mx, my] = [(a.x + b.x) / 2 + (b.y - a.y) * bend, (a.y + b.y) / 2 - (b.x - a.x) * bend];
      const value = this.rowValue(row);
      svg.append(s('path', {d: `M${a.x},${a.y} Q${mx},${my} ${b.x},${b.y}`, fill: 'none', stroke: this.colour(value), 'stroke-width': 4}, s('title', {}, `${row.from} → ${row.to}: ${text(use, value)}`)));
      if (names.length <= 6) {
        // A third of the way from its begin, so that both directions can be read.
        const t = 0.32, u = 1 - t;
        const [x, y] = [u * u * a.x + 2 * u * t * mx + t * t * b.x, u * u * a.y + 2 * u * t * my + t * t * b.y];
        svg.append(s('text', {x, y: y + (b.x > a.x ? -7 : 15), 'text-anchor': 'middle', class: 'figures halo'}, `${b.x > a.x ? '→' : b.x < a.x ? '←' : b.y > a.y ? '↓' : '↑'} ${text(use, value)}`));
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
const plural = (name) => /(s|x|ch|sh)$/.test(name) ? `${name}es` : name === 'leaf' ? 'leaves' : `${name}s`;
const middle = (tops, tier, tall) => (tops[tier.low] + tops[tier.high] + tall) / 2;
function numberOf(name, layer) {
  const found = / (\d+)$/.exec(name);
  return found && (name.startsWith(`${layer.name} `) || layer.name === 'endpoints') ? Number(found[1]) : -1;
}
