'use strict';
// Plays a recording of Drydock's stage: what visual/stage made of a trace, drawn as visual/canvas/Draw.cpp draws it.
// The recording is data, never code: it is parsed as JSON, and its texts reach the page by textContent and fillText.

const recording = JSON.parse(document.getElementById('recording').textContent);
const $ = id => document.getElementById(id);
const canvas = $('stage'), ctx = canvas.getContext('2d');
const { shapes, things, themes, styles, words, room } = recording;

// ---- Drawing; all lengths in logical pixels, D() makes device pixels of them ----

let theme = themes[0], scale = 1, left = 0, top_ = 0;
const X = x => left + x * scale, Y = y => top_ + y * scale, D = l => l * scale;
const line_width = l => Math.max(1, Math.round(D(l)));
const rgba = (c, k) => `rgba(${c[0]},${c[1]},${c[2]},${k})`;

// "Unlit" is a theme's own opacity; the recording was made with `recording.unlit`.
function lightness(opacity) {
  const from = recording.unlit, to = theme.unlit;
  return opacity <= from ? opacity * to / from : to + (opacity - from) * (1 - to) / (1 - from);
}

function color(ink, k) {
  const category = theme.categories[ink[1]];
  const c = [theme.text, theme.dim, theme.accent, theme.line, theme.surface, theme.focus, category[2], category[0],
    category[1]][ink[0]];
  return rgba(c, k * ink[2] / 100);
}

function box(r) {
  const x = Math.round(X(r.x)), y = Math.round(Y(r.y));
  return { x, y, w: Math.round(X(r.x + r.w)) - x, h: Math.round(Y(r.y + r.h)) - y };
}

const outset = (r, by) => ({ x: r.x - by, y: r.y - by, w: r.w + 2 * by, h: r.h + 2 * by });
const round_path = (x, y, w, h, radius) => {
  ctx.beginPath();
  ctx.roundRect(x, y, w, h, Math.max(0, Math.min(radius, w / 2, h / 2)));
};

function fill(r, radius, ink) {
  const b = box(r);
  if (b.w <= 0 || b.h <= 0) return;
  round_path(b.x, b.y, b.w, b.h, D(radius));
  ctx.fillStyle = ink;
  ctx.fill();
}

const SOLID = 0, DASHED = 1, DOTTED = 2, DOUBLE = 3;

// Dashes so long that a whole number of them fits.
function set_dashes(length, width, stroke) {
  if (stroke === SOLID || stroke === DOUBLE) return ctx.setLineDash([]);
  const on = stroke === DOTTED ? width : Math.max(4 * width, 5);
  const off = stroke === DOTTED ? width * 2.2 : Math.max(3 * width, 4);
  const period = length / Math.max(1, Math.round(length / (on + off)));
  ctx.setLineDash([period * on / (on + off), period * off / (on + off)]);
}

function outline(r, radius, ink, width = 1, stroke = SOLID) {
  if (stroke === DOUBLE) {
    outline(r, radius, ink, width);
    return outline(outset(r, -width - 2), Math.max(0, radius - width - 2), ink, width);
  }
  const b = box(r), pixels = line_width(width), half = pixels / 2;
  const w = b.w - pixels, h = b.h - pixels;
  if (w <= 0 || h <= 0) return;
  const corner = Math.max(0, Math.min(stroke === SOLID ? D(radius) : D(radius) - half, w / 2, h / 2));
  round_path(b.x + half, b.y + half, w, h, corner);
  set_dashes(2 * (w + h) - 8 * corner + 2 * Math.PI * corner, pixels, stroke);
  ctx.strokeStyle = ink;
  ctx.lineWidth = pixels;
  ctx.stroke();
  ctx.setLineDash([]);
}

function line(x1, y1, x2, y2, ink, pixels, stroke = SOLID) {
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x2, y2);
  set_dashes(Math.hypot(x2 - x1, y2 - y1), pixels, stroke);
  ctx.strokeStyle = ink;
  ctx.lineWidth = pixels;
  ctx.stroke();
  ctx.setLineDash([]);
}

function disc(x, y, radius, ink) {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fillStyle = ink;
  ctx.fill();
}

function within(r, draw) {
  const b = box(r);
  ctx.save();
  ctx.beginPath();
  ctx.rect(b.x, b.y, b.w, b.h);
  ctx.clip();
  draw();
  ctx.restore();
}

function hatch(r, ink) {
  within(r, () => {
    for (let x = r.x - r.h + 8; x < r.x + r.w; x += 8)
      line(X(x), Y(r.y + r.h), X(x + r.h), Y(r.y), ink, line_width(1));
  });
}

// The soft square of the font atlas, to be stretched: full inside, nothing at the rim, flat at both ends.
const soft = (() => {
  const { texels, falloff } = recording.shadow;
  const tile = document.createElement('canvas');
  tile.width = tile.height = texels;
  const pixels = tile.getContext('2d'), image = pixels.createImageData(texels, texels);
  const beyond = i => Math.max(0, 1 - (Math.min(i, texels - 1 - i) + 0.5) / falloff);
  for (let y = 0; y < texels; ++y)
    for (let x = 0; x < texels; ++x) {
      const d = Math.min(1, Math.hypot(beyond(x), beyond(y)));
      image.data[(y * texels + x) * 4 + 3] = Math.round((1 - d) ** 2 * (1 + 2 * d) * 255);
    }
  pixels.putImageData(image, 0, 0);
  return tile;
})();

function shadow(r, radius, elevation, k) {
  const [offset, spread, alpha] = theme.shadows[elevation];
  if (alpha <= 0) return;
  const card = box(r), s = outset(r, spread / 2), b = box({ ...s, y: s.y + offset });
  const corner = Math.min(Math.round(D(spread + radius)), Math.floor(b.w / 2), Math.floor(b.h / 2));
  const half = recording.shadow.texels / 2;
  const stretches = (begin, length) => [[begin, corner, 0, half], [begin + corner, length - 2 * corner, half - 0.5, 1],
    [begin + length - corner, corner, half, half]];
  ctx.save();
  ctx.beginPath();
  ctx.rect(b.x, b.y, b.w, b.h);
  ctx.rect(card.x, card.y, card.w, card.h);
  ctx.clip('evenodd'); // not below the card
  ctx.globalAlpha = alpha * k;
  for (const [x, w, u, du] of stretches(b.x, b.w))
    for (const [y, h, v, dv] of stretches(b.y, b.h))
      if (w > 0 && h > 0 && !(du === 1 && dv === 1)) ctx.drawImage(soft, u, v, du, dv, x, y, w, h);
  ctx.restore();
}

// The recording has cut the text to the box already, by the program's own letters; a browser's may be a hair wider.
function text_in(r, string, style, ink, align) {
  const type = styles[style];
  ctx.font = `${D(type.em)}px "Drydock ${type.face}", "Drydock Regular", "Drydock Mono"`;
  ctx.fontKerning = 'none';
  ctx.textAlign = ['left', 'center', 'right'][align];
  ctx.fillStyle = ink;
  const x = align === 0 ? r.x : align === 1 ? r.x + r.w / 2 : r.x + r.w;
  const baseline = Y(r.y + r.h / 2 + type.em * recording.cap_height / 2);
  ctx.fillText(string, Math.round(X(x)), Math.round(baseline), Math.max(1, D(r.w) + 1));
}

function icon(x, y, glyph, ink, size) {
  ctx.font = `${Math.round(D(size))}px "Drydock Icons"`;
  ctx.textAlign = 'left';
  ctx.fillStyle = ink;
  const m = ctx.measureText(glyph);
  ctx.fillText(glyph, Math.round(x - (m.actualBoundingBoxRight - m.actualBoundingBoxLeft) / 2),
    Math.round(y + (m.actualBoundingBoxAscent - m.actualBoundingBoxDescent) / 2));
}

function tail(r, at, half, ink) {
  const clamp = (v, a, b) => Math.min(Math.max(v, a), b);
  const x = clamp(at.x, r.x + 20, r.x + r.w - 20), y = clamp(at.y, r.y + 16, r.y + r.h - 16);
  const beside = at.x < r.x || at.x > r.x + r.w;
  const edge_x = at.x < r.x ? r.x + 2 : r.x + r.w - 2, edge_y = at.y < r.y ? r.y + 2 : r.y + r.h - 2;
  const [a, b] = beside ? [[edge_x, y - half], [edge_x, y + half]] : [[x - half, edge_y], [x + half, edge_y]];
  ctx.beginPath();
  ctx.moveTo(X(a[0]), Y(a[1]));
  ctx.lineTo(X(b[0]), Y(b[1]));
  ctx.lineTo(X(at.x), Y(at.y));
  ctx.fillStyle = ink;
  ctx.fill();
}

// One function for each shape of visual/stage/Scene.h: (rectangle, what stays, opacity, what changes).
const brushes = {
  card(r, [elevation, stripe, tint, border, selected, inactive], k) {
    const radius = elevation === 2 ? 14 : 10, look = theme.cards[tint + 1];
    shadow(r, radius, elevation, k);
    const b = box(r), end = Math.min(Math.ceil(D(radius)), Math.floor(b.h / 2));
    const ground = ctx.createLinearGradient(0, b.y + end, 0, Math.max(b.y + end + 0.01, b.y + b.h - end));
    ground.addColorStop(0, rgba(look.ground, k));
    ground.addColorStop(1, rgba(look.foot, k));
    fill(r, radius, ground);
    if (inactive) hatch(outset(r, -3), rgba(theme.line, 0.9 * k));
    outline(r, radius, rgba(border === SOLID ? look.border : look.broken, k), theme.border, border);
    if (stripe >= 0)
      within({ ...r, w: Math.min(6, r.w) }, () => fill(r, radius, rgba(theme.categories[stripe][0], k)));
    if (selected) outline(outset(r, 3), radius + 3, rgba(theme.categories[6][2], k), 2);
  },
  fill(r, [ink, radius], k) { fill(r, radius, color(ink, k)); },
  outline(r, [ink, radius, width, stroke], k) { outline(r, radius, color(ink, k), width, stroke); },
  hatch(r, [ink], k) { hatch(r, color(ink, k)); },
  text(r, [style, ink, align, lines], k) {
    if (typeof lines === 'string') return text_in(r, lines, style, color(ink, k), align);
    const h = styles[style].leading;
    lines.forEach((string, i) => text_in({ ...r, y: r.y + i * h, h }, string, style, color(ink, k), align));
  },
  chip(r, [string, category, glyph, border, style], k) {
    const [ground, , stroke] = theme.categories[category];
    fill(r, 6, rgba(ground, k * (category === 6 ? 0 : theme.tint)));
    outline(r, 6, rgba(stroke, k * theme.tint_border), theme.border, border);
    let x = r.x + 12;
    if (glyph) {
      icon(X(x + 7), Y(r.y + r.h / 2), glyph, rgba(stroke, k), 14);
      x += 22;
    }
    text_in({ ...r, x, w: r.x + r.w - x }, string, style, rgba(theme.text, k), 0);
  },
  icon(r, [glyph, ink, size], k) { icon(X(r.x + r.w / 2), Y(r.y + r.h / 2), glyph, color(ink, k), size); },
  state(r, [mark], k) {
    const x = r.x + r.w / 2, y = r.y + r.h / 2, square = { x: x - 6.8, y: y - 6.8, w: 13.6, h: 13.6 };
    if (mark === 0) {
      ctx.beginPath();
      ctx.arc(X(x), Y(y), D(7), 0, 2 * Math.PI);
      ctx.strokeStyle = rgba(theme.dim, k);
      ctx.lineWidth = D(2);
      ctx.stroke();
    } else if (mark === 1) {
      disc(X(x), Y(y), D(8), rgba(theme.categories[2][0], k));
    } else if (mark === 2) {
      for (const at of [square.x, square.x + 8.8])
        fill({ ...square, x: at, w: 4.8 }, 1.5, rgba(theme.categories[1][2], k));
    } else if (mark === 3) {
      fill(square, 2, rgba(theme.dim, k));
    } else {
      const ink = rgba(theme.categories[5][2], k);
      line(X(x - 6), Y(y - 6), X(x + 6), Y(y + 6), ink, line_width(3));
      line(X(x - 6), Y(y + 6), X(x + 6), Y(y - 6), ink, line_width(3));
    }
  },
  meter(r, [category], k, [part]) {
    fill(r, r.h / 2, rgba(theme.meter, k));
    if (part > 0)
      fill({ ...r, w: Math.max(r.h, r.w * Math.min(1, part / 1000)) }, r.h / 2, rgba(theme.categories[category][0], k));
    if (theme.border > 1) outline(r, r.h / 2, rgba(theme.line, k), 1);
  },
  wire(r, [category, stroke], k, [x1, y1, x2, y2, part]) {
    const way = Math.min(1, Math.max(0, part / 1000));
    const draw = (from, to, ink) => {
      const x = p => X((x1 + (x2 - x1) * p) / 10), y = p => Y((y1 + (y2 - y1) * p) / 10);
      if (stroke === DOUBLE) {
        line(x(from), y(from), x(to), y(to), rgba(ink, k), D(5));
        line(x(from), y(from), x(to), y(to), rgba(theme.stage, k), D(2.5));
      } else {
        line(x(from), y(from), x(to), y(to), rgba(ink, k), D(2.5), stroke);
      }
    };
    if (way < 1) draw(way, 1, theme.line);
    if (way > 0) draw(0, way, theme.categories[category][2]);
  },
  pulse(r, [radius], k, [at]) {
    const way = at / 1000, away = 2 + 12 * way;
    if (way > 0 && way < 1) outline(outset(r, away), radius + away, rgba(theme.accent, k * (1 - way)), 1.5);
  },
  bubble(r, _, k, [x, y]) {
    const at = { x: x / 10, y: y / 10 };
    shadow(r, 10, 3, k);
    tail(r, at, 8.5, rgba(theme.accent, k));
    fill(r, 10, rgba(theme.raised, k));
    outline(r, 10, rgba(theme.accent, k), 1.5);
    tail(r, at, 7, rgba(theme.raised, k));
  },
};

function stage_ground() {
  ctx.fillStyle = rgba(theme.stage, 1);
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  ctx.fillStyle = rgba(theme.text, theme.dots);
  const dot = line_width(1.25);
  const first = v => Math.ceil(-v / scale / 24) * 24;
  for (let y = first(top_); Y(y) < canvas.height; y += 24)
    for (let x = first(left); X(x) < canvas.width; x += 24) ctx.fillRect(Math.round(X(x)), Math.round(Y(y)), dot, dot);
}

// ---- The recording: beats of tracks. A track is one primitive through the frames of its beat ----

// A number: that thing, all the time. [thing, first, last]: in those frames. [shape, first, frames, x, y, w, h,
// opacity, …]: each a number, or one for each frame.
function draw_track(track, frame) {
  if (typeof track === 'number') return draw_thing(things[track]);
  const index = Math.floor(frame), part = frame - index;
  if (track.length === 3) {
    if (index >= track[1] && index <= track[2]) draw_thing(things[track[0]]);
    return;
  }
  const at = index - track[1], last = track[2] - 1;
  if (at < 0 || at > last) return;
  const next = Math.min(at + 1, last);
  draw_thing([track[0], ...track.slice(3).map(v => typeof v === 'number' ? v : v[at] + (v[next] - v[at]) * part)]);
}

function draw_thing([shape, x, y, w, h, opacity, ...changing]) {
  const [kind, ...look] = shapes[shape];
  brushes[kind]({ x: x / 10, y: y / 10, w: w / 10, h: h / 10 }, look, lightness(opacity / 100), changing);
}

// ---- Playing ----

const state = { depth: recording.depth, story: 0, playing: false, speed: 1, stop_at: null, held: false, answers: {},
  reduced: matchMedia('(prefers-reduced-motion: reduce)').matches, theme: 0,
  selected: '', tab: 0 };
const beats = () => recording.depths[state.depth - 1];
const length = () => beats().length ? beats()[beats().length - 1].end : 0;

function beat_index() {
  let low = 0, high = beats().length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (beats()[middle].begin <= state.story) low = middle;
    else high = middle - 1;
  }
  return low;
}

const just_before = 0.001;
const show_still = index => seek(beats()[Math.min(Math.max(index, 0), beats().length - 1)].end - just_before);

function seek(story) {
  state.playing = state.held = false;
  state.stop_at = null;
  state.story = Math.min(Math.max(story, 0), length());
  show();
}

function toggle() {
  const running = state.playing || state.stop_at !== null;
  state.stop_at = null;
  state.held = false;
  state.playing = !running;
  if (state.playing && state.story >= length() - just_before) state.story = 0;
  show();
}

// Plays one beat and stops at its still; during its motion, it ends that.
function next_beat() {
  const index = beat_index(), now = beats()[index];
  state.playing = state.held = false;
  state.stop_at = null;
  if (state.story < now.begin + now.motion && !state.reduced) return show_still(index);
  if (index + 1 >= beats().length) return seek(length());
  if (state.reduced) return show_still(index + 1);
  state.story = beats()[index + 1].begin;
  state.stop_at = beats()[index + 1].end - just_before;
  show();
}

// The same records stay shown; only how finely they are told changes.
function set_depth(depth) {
  const now = beats()[beat_index()], at_end = state.story >= length() - just_before;
  state.depth = depth;
  const found = beats().findIndex(beat => beat.records[1] > now.lead);
  fill_transcript();
  if (at_end || found < 0) seek(length());
  else show_still(found);
}

function advance(seconds) {
  const before = state.story;
  if (state.stop_at !== null) {
    state.story = Math.min(state.story + seconds * state.speed, state.stop_at);
    if (state.story >= state.stop_at) state.stop_at = null;
  } else if (state.playing) {
    state.story = Math.min(state.story + seconds * state.speed, length());
    for (const beat of beats())
      if (beat.holds && beat.end - just_before > before && beat.end - just_before <= state.story) {
        state.story = beat.end - just_before;
        state.playing = false;
        state.held = true;
        break;
      }
    if (state.story >= length()) state.playing = false;
  }
}

// ---- The page around the stage ----

function draw() {
  const beat = beats()[beat_index()];
  const zoom = Math.min(canvas.width / room[0], canvas.height / room[1]);
  scale = zoom;
  left = (canvas.width - room[0] * zoom) / 2;
  top_ = (canvas.height - room[1] * zoom) / 2;
  ctx.textBaseline = 'alphabetic';
  stage_ground();
  const last = beat.frames - 1;
  const frame = state.reduced ? last : Math.min(last, (state.story - beat.begin) / recording.frame_time);
  for (const track of beat.tracks) draw_track(track, frame);
  const place = frame === last && !$('inspector').hidden ? places_of(beat).find(p => p.about.id === state.selected) : null;
  if (place && place.rect.w > 0) outline(outset(place.rect, 3), 8, rgba(theme.categories[6][2], 1), 2);
}

// In the icons' font, as on the program's own buttons.
const glyphs = { start: '\uf049', back: '\uf048', play: '\uf04b', pause: '\uf04c', next: '\uf051', end: '\uf050',
  slower: '\uf068', faster: '\uf067' };

let said = '';
function show() {
  const index = beat_index(), beat = beats()[index];
  draw();
  $('scrub').max = length();
  $('scrub').value = state.story;
  $('play').textContent = state.playing || state.stop_at !== null ? glyphs.pause : glyphs.play;
  $('speed').textContent = state.speed >= 1 ? state.speed + '×' : state.speed === 0.5 ? '½×' : '¼×';
  $('where').textContent = state.held && !beat.question ? words.goes_on
    : words.where.replace('{}', index + 1).replace('{}', beats().length);
  $('phase').textContent = beat.phase;
  $('provenance').textContent = beat.provenance;
  $('provenance').className = beat.live ? 'live' : '';
  canvas.setAttribute('aria-label', beat.caption);
  if (said !== beat.caption) $('live').textContent = said = beat.caption;
  [...$('depths').children].forEach((button, i) => button.classList.toggle('on', i + 1 === state.depth));
  [...document.querySelectorAll('#transcript li')].forEach((item, i) => {
    if (item.classList.toggle('on', i === index) && !$('transcript').hidden) item.scrollIntoView({ block: 'nearest' });
  });
  show_lesson(beat);
  show_question(beat);
  show_inspector(beat);
}

// The kinds of view/AnalogyPicture.h, in its order.
function draw_picture(shapes) {
  const picture = $('drawing').content.firstElementChild.cloneNode();
  const svg = (tag, attributes, text) => {
    const element = document.createElementNS(picture.namespaceURI, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text) element.textContent = text;
    return element;
  };
  const css = name => `var(--${name})`, [, storage] = theme.categories, [process] = theme.categories;
  for (const [kind, x, y, width, height, text] of shapes) {
    const middle = [x + width / 2, y + height / 2];
    const box = { x, y, width, height, 'stroke-width': 0.5 };
    if (kind === 0) picture.append(svg('rect', { ...box, rx: 2, fill: css('raised'), stroke: css('line') }));
    if (kind === 1) picture.append(svg('rect', { ...box, rx: 1, fill: rgba(storage[0], theme.tint), stroke: rgba(storage[2], 1) }));
    if (kind === 2) picture.append(svg('circle', { cx: middle[0], cy: middle[1], r: Math.min(width, height) / 2,
      fill: rgba(process[0], theme.tint), stroke: rgba(process[2], 1), 'stroke-width': 0.6 }));
    if (kind === 3 || kind === 4) {
      const length = Math.hypot(width, height) || 1, [ax, ay] = [width / length, height / length];
      const tip = kind === 4 ? [-1, 1].map(side => ` M ${x + width} ${y + height} l ${-3 * ax - side * 1.8 * ay} ${-3 * ay + side * 1.8 * ax}`).join('') : '';
      picture.append(svg('path', { d: `M ${x} ${y} l ${width} ${height}${tip}`, fill: 'none', 'stroke-width': 0.7, stroke: css(kind === 4 ? 'accent' : 'dim') }));
      middle[1] -= 3;
    }
    if (text) picture.append(svg('text', { x: middle[0], y: middle[1] + 1.9, 'text-anchor': 'middle',
      'font-size': kind === 3 || kind === 4 ? 4.2 : Math.max(3.6, Math.min(5.4, width / text.length * 1.7)), fill: css(kind < 3 ? 'text' : 'dim'), 'font-family': 'Drydock SemiBold' }, text));
  }
  return picture;
}

// ---- The inspector: what the program's own says, written down for every beat ----

// What lies where at the beat's end, the topmost last; at the front the event that the beat is about.
const places_of = beat => beat.objects.map(number => {
  const [about, x, y, w, h] = recording.places[number];
  return { about: recording.descriptions[about], rect: { x: x / 10, y: y / 10, w: w / 10, h: h / 10 } };
});

function element_in(to, tag, text = '', name = '') {
  const element = document.createElement(tag);
  element.textContent = text;
  if (name) element.className = name;
  to.append(element);
  return element;
}

function copy(code, button) {
  const done = () => { button.textContent = words.inspector.copied; };
  const by_hand = () => {
    getSelection().selectAllChildren(code);
    if (document.execCommand('copy')) done();
  };
  if (navigator.clipboard) navigator.clipboard.writeText(code.textContent).then(done, by_hand);
  else by_hand();
}

function add_command(to, command) {
  const row = element_in(to, 'div', '', 'command'), code = element_in(row, 'code', command);
  const button = element_in(row, 'button', words.inspector.copy);
  button.onclick = () => copy(code, button);
}

const inspector_tabs = [
  function words_tab(to, about, events) {
    for (const sentence of about.words) element_in(to, 'p', sentence);
    if (about.id.startsWith('record:') || !events.length) return;
    element_in(to, 'h3', words.inspector.happened);
    const list = element_in(to, 'ul');
    for (const event of events) element_in(list, 'li', event.says);
    if (about.more) element_in(to, 'p', words.inspector.events_before.replace('{}', about.more), 'note');
  },
  function fields_tab(to, about) {
    if (!about.fields) return element_in(to, 'p', words.inspector.no_fields, 'note');
    const list = element_in(to, 'dl');
    for (const [name, value] of about.fields) { element_in(list, 'dt', name); element_in(list, 'dd', value); }
  },
  function raw_tab(to, about, events) {
    about.records.forEach((sequence, i) => {
      element_in(to, 'p', words.inspector.record.replace('{}', sequence).replace('{}', events[i].type), 'note');
      element_in(to, 'pre', events[i].raw);
    });
    if (about.more) element_in(to, 'p', words.inspector.records_before.replace('{}', about.more), 'note');
    if (!events.length) element_in(to, 'p', words.inspector.no_records, 'note');
  },
  function proof_tab(to, about, events) {
    for (const [claim, command] of about.proofs || []) {
      element_in(to, 'p', claim);
      add_command(to, command);
    }
    element_in(to, 'p', about.proofs ? words.inspector.not_run : words.inspector.no_proofs, 'note');
    if (!events.length) return;
    element_in(to, 'h3', words.inspector.source);
    element_in(to, 'p', `${events[0].type}: ${events[0].says}`, 'note');
    add_command(to, events[0].source);
  },
];

let inspected = '';
function show_inspector(beat) {
  if ($('inspector').hidden) return;
  const places = places_of(beat);
  const found = places.find(place => place.about.id === state.selected);
  const about = found ? found.about : state.selected ? null : (places.length ? places[0].about : null);
  const now = `${about ? recording.descriptions.indexOf(about) : state.selected} ${state.tab}`;
  if (inspected === now) return;
  inspected = now;
  const [kind, name, tabs, panel] = $('inspector').children;
  kind.textContent = about ? about.kind : '';
  name.textContent = about ? about.name : words.inspector.gone;
  tabs.hidden = !about;
  [...tabs.children].forEach((tab, i) => {
    tab.classList.toggle('on', i === state.tab);
    tab.setAttribute('aria-selected', i === state.tab);
  });
  panel.replaceChildren();
  panel.scrollTop = 0;
  if (about) inspector_tabs[state.tab](panel, about, about.records.map(sequence => recording.records[sequence]));
}

function select(id) {
  state.selected = id;
  $('inspector').hidden = false;
  $('transcript').hidden = true;
  show();
}

function select_at(event) {
  const ratio = devicePixelRatio || 1;
  const x = (event.offsetX * ratio - left) / scale, y = (event.offsetY * ratio - top_) / scale;
  const under = places_of(beats()[beat_index()]).filter(({ rect: r }) => r.w > 0 && x >= r.x && x < r.x + r.w && y >= r.y && y < r.y + r.h);
  select(under.length ? under[under.length - 1].about.id : '');
}

function select_next(by) {
  const ids = places_of(beats()[beat_index()]).filter(place => place.rect.w > 0).map(place => place.about.id);
  const at = ids.indexOf(state.selected);
  if (ids.length) select(ids[at < 0 ? (by > 0 ? 0 : ids.length - 1) : (at + by + ids.length) % ids.length]);
}

let shown_lesson = null;
function show_lesson(beat) {
  const lesson = beat.lesson || null;
  if (shown_lesson === lesson) return;
  shown_lesson = lesson;
  $('lesson').hidden = !lesson;
  $('lesson').replaceChildren();
  if (!lesson) return;
  const add = (to, tag, text = '') => {
    const element = document.createElement(tag);
    element.textContent = text;
    to.append(element);
    return element;
  };
  const columns = add($('lesson'), 'div');
  if (lesson.parts.length) {
    const list = add(columns, 'dl');
    add(list, 'small', words.meet);
    for (const [name, says] of lesson.parts) { add(list, 'dt', name); add(list, 'dd', says); }
  }
  if (lesson.analogy) {
    const like = add(columns, 'div');
    add(like, 'small', words.like);
    if (lesson.picture.length) like.append(draw_picture(lesson.picture));
    add(like, 'p', lesson.analogy);
  }
  const go_on = add($('lesson'), 'button', words.continue);
  go_on.className = 'main';
  go_on.onclick = () => { $('stage').focus(); if (!state.playing) toggle(); };
}

let shown_question = null;
function show_question(beat) {
  const question = state.held ? beat.question : null;
  if (shown_question === question) return;
  shown_question = question;
  $('question').hidden = !question;
  $('question').replaceChildren();
  if (!question) return;
  const add = (tag, text) => {
    const element = document.createElement(tag);
    element.textContent = text;
    $('question').append(element);
    return element;
  };
  add('small', words.think);
  add('p', question.text);
  const buttons = question.choices.map(choice => {
    const button = add('button', choice);
    button.onclick = () => {
      state.answers[question.id] = choice;
      buttons.forEach(b => b.classList.toggle('on', b === button));
      go_on.textContent = words.show_me;
      go_on.className = 'main';
    };
    return button;
  });
  const go_on = add('button', words.skip);
  go_on.onclick = toggle;
  (buttons[0] || go_on).focus();
}

function fill_transcript() {
  $('transcript').firstElementChild.replaceChildren(...beats().map((beat, i) => {
    const item = document.createElement('li');
    item.textContent = beat.caption;
    item.onclick = () => show_still(i);
    return item;
  }));
}

function set_theme(index) {
  state.theme = index % themes.length;
  shown_lesson = null; // its picture has the theme's colours
  theme = themes[state.theme];
  const css = document.documentElement.style;
  for (const role of ['stage', 'surface', 'raised', 'line', 'text', 'dim', 'accent', 'focus'])
    css.setProperty('--' + role, rgba(theme[role], 1));
  css.setProperty('--on-accent', rgba(theme.on_accent, 1));
  css.colorScheme = theme.dark ? 'dark' : 'light';
}

function resize() {
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio));
  canvas.height = Math.max(1, Math.round(canvas.clientHeight * ratio));
  show();
}

const slower = () => { state.speed = Math.max(0.25, state.speed / 2); show(); };
const faster = () => { state.speed = Math.min(16, state.speed * 2); show(); };
const toggle_section = id => {
  $(id).hidden = !$(id).hidden;
  const other = { inspector: 'transcript', transcript: 'inspector' }[id]; // they have the same place
  if (other && !$(id).hidden) $(other).hidden = true;
  show();
};
const keys = {
  ' ': toggle, ArrowRight: next_beat, PageDown: next_beat, ArrowLeft: () => show_still(beat_index() - 1),
  PageUp: () => show_still(beat_index() - 1), Home: () => seek(0), End: () => seek(length()), ',': slower, '.': faster,
  1: () => set_depth(1), 2: () => set_depth(2), 3: () => set_depth(3),
  t: () => { set_theme(state.theme + 1); show(); }, m: () => { state.reduced = !state.reduced; show(); },
  c: () => toggle_section('transcript'), '?': () => toggle_section('help'), i: () => toggle_section('inspector'),
  n: event => select_next(event && event.shiftKey ? -1 : 1),
  Escape: () => { $('help').hidden = $('transcript').hidden = $('inspector').hidden = true; show(); },
};

addEventListener('keydown', event => {
  const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  const types = event.target.tagName === 'BUTTON' && (event.key === ' ' || event.key === 'Enter');
  if (!action || types || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  action(event);
});

function set_up() {
  $('title').textContent = recording.title;
  const buttons = { start: keys.Home, back: keys.ArrowLeft, play: toggle, next: next_beat, end: keys.End, slower, faster,
    theme: keys.t, 'help-button': keys['?'], 'transcript-button': keys.c, 'inspector-button': keys.i };
  for (const [id, action] of Object.entries(buttons)) {
    $(id).onclick = action;
    $(id).textContent = glyphs[id] || words.buttons[id];
    $(id).title = words.buttons[id];
    $(id).setAttribute('aria-label', words.buttons[id]);
  }
  $('scrub').setAttribute('aria-label', words.scrub);
  $('scrub').oninput = () => seek(Number($('scrub').value));
  words.depths.forEach((label, i) => {
    const button = document.createElement('button');
    button.textContent = label;
    button.onclick = () => set_depth(i + 1);
    $('depths').append(button);
  });
  const title = document.createElement('small'), list = document.createElement('dl');
  title.textContent = words.keys_title;
  for (const [key, meaning] of words.keys) {
    list.append(document.createElement('dt'), document.createElement('dd'));
    list.children[list.children.length - 2].textContent = key;
    list.lastElementChild.textContent = meaning;
  }
  $('help').append(title, list);
  words.inspector.tabs.forEach((label, i) => {
    const tab = element_in($('inspector').children[2], 'button', label);
    tab.setAttribute('role', 'tab');
    tab.onclick = () => { state.tab = i; show(); };
  });
  canvas.onclick = select_at;
  fill_transcript();
}

// "#depth=2&beat=7&theme=light&bare": links to a moment; "bare" leaves the stage alone, for a slide.
function open_at(hash) {
  const wanted = new URLSearchParams(hash.slice(1));
  set_theme(Math.max(0, themes.findIndex(t => t.name === wanted.get('theme'))));
  document.body.classList.toggle('bare', wanted.has('bare'));
  if (['1', '2', '3'].includes(wanted.get('depth'))) state.depth = Number(wanted.get('depth'));
  fill_transcript();
  if (wanted.has('story')) state.story = Math.min(length(), Math.max(0, Number(wanted.get('story')) || 0));
  else if (wanted.has('beat')) state.story = beats()[Math.min(beats().length, Number(wanted.get('beat')) || 1) - 1].end - just_before;
  else if (beats().length > 0) state.story = beats()[0].end - just_before; // an empty stage would say nothing
}

let last_time = null;
function tick(now) {
  if (state.playing || state.stop_at !== null) {
    advance(last_time === null ? 0 : Math.min(0.1, (now - last_time) / 1000));
    show();
  }
  last_time = now;
  requestAnimationFrame(tick);
}

set_up();
open_at(location.hash);
addEventListener('hashchange', () => { open_at(location.hash); resize(); });
Promise.all([...document.fonts].map(font => font.load())).finally(() => {
  addEventListener('resize', resize);
  resize();
  document.documentElement.dataset.ready = 'yes';
  requestAnimationFrame(tick);
});
