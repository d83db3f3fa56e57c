// @ts-check
// A sequence diagram: requests from the left lifeline to the right one, responses back.

/**
 * A message, or a note over both lifelines.
 * @typedef {{ note: string } | { request: string, response: string, ok: boolean }} Item
 */

const NS = 'http://www.w3.org/2000/svg';
const WIDTH = 400;
const LEFT = 14;
const RIGHT = WIDTH - 14;
const TOP = 34;
const HEIGHTS = { exchange: 58, note: 34 };

/** @param {string} name @param {Record<string, string | number>} attributes @param {...(SVGElement | string)} children */
function s(name, attributes, ...children) {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, `${value}`);
  element.append(...children);
  return element;
}

/** @param {number} from @param {number} to @param {number} y @param {string} kind */
const arrow = (from, to, y, kind) => {
  const back = to < from ? 1 : -1;
  return s('g', { class: `arrow ${kind}` },
    s('line', { x1: from, y1: y, x2: to + 6 * back, y2: y }),
    s('path', { d: `M${to} ${y} l${8 * back} -4.5 v9 z` }));
};

/**
 * The diagram as SVG. Screen readers get the label; give them the items as text, too.
 * @param {{ client: string, service: string, label: string, items: readonly Item[], rows?: number }} diagram
 *   `rows` is the number of exchanges that it leaves room for
 */
export function sequence({ client, service, label, items, rows = 0 }) {
  const heights = items.map((item) => ('note' in item ? HEIGHTS.note : HEIGHTS.exchange));
  const height = Math.max(heights.reduce((sum, it) => sum + it, 0), rows * HEIGHTS.exchange) + TOP + 14;
  const svg = s('svg', { class: 'sequence', viewBox: `0 0 ${WIDTH} ${height}`, role: 'img', 'aria-label': label },
    s('text', { x: 0, y: 16, class: 'name' }, client),
    s('text', { x: WIDTH, y: 16, class: 'name', 'text-anchor': 'end' }, service),
    s('line', { class: 'life', x1: LEFT, y1: TOP - 8, x2: LEFT, y2: height }),
    s('line', { class: 'life', x1: RIGHT, y1: TOP - 8, x2: RIGHT, y2: height }));
  let y = TOP;
  for (const [place, item] of items.entries()) {
    const last = place === items.length - 1 ? ' last' : '';
    if ('note' in item) {
      svg.append(s('g', { class: `note${last}` },
        s('line', { x1: LEFT + 8, y1: y + 4, x2: RIGHT - 8, y2: y + 4 }),
        s('text', { x: WIDTH / 2, y: y + 21, 'text-anchor': 'middle' }, item.note),
        s('line', { x1: LEFT + 8, y1: y + 29, x2: RIGHT - 8, y2: y + 29 })));
    } else {
      const kind = item.ok ? 'ok' : 'bad';
      svg.append(s('g', { class: `exchange${last}` },
        s('text', { x: LEFT + 8, y: y + 12, class: 'request' }, item.request),
        arrow(LEFT, RIGHT, y + 19, 'request'),
        s('text', { x: RIGHT - 8, y: y + 37, class: kind, 'text-anchor': 'end' }, item.response),
        arrow(RIGHT, LEFT, y + 44, kind)));
    }
    y += heights[place];
  }
  return svg;
}
