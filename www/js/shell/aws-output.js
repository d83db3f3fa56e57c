// @ts-check
// The output formats of the CLI besides JSON: text, table and YAML.

import { AwsError } from './aws-error.js';

/**
 * Follows awscli/text.py.
 * @param {any} value
 * @param {string} [name]
 * @param {string[]} [columns]
 * @returns {string}
 */
export function asText(value, name, columns) {
  const scalar = (/** @type {any} */ it) => it === null || typeof it !== 'object';
  const word = (/** @type {any} */ it) => (it === null || it === undefined ? 'None' : it === true ? 'True' : it === false ? 'False' : `${it}`);
  if (scalar(value)) return `${word(value)}\n`;
  const line = (/** @type {any[]} */ words) => `${words.map(word).join('\t')}\n`;
  const listed = (/** @type {any[]} */ words) => (name ? words.map((it) => line([name.toUpperCase(), it])).join('') : line(words));
  if (Array.isArray(value)) {
    if (!value.length) return '';
    if (value.some((it) => !scalar(it) && !Array.isArray(it))) {
      const keys = [...new Set(value.flatMap((it) => (scalar(it) ? [] : Object.keys(it).filter((key) => scalar(it[key])))))].sort();
      return value.map((it) => asText(it, name, keys)).join('');
    }
    if (!value.some(Array.isArray)) return listed(value);
    const words = value.filter(scalar);
    return (words.length ? listed(words) : '') + value.filter((it) => !scalar(it)).map((it) => asText(it, name)).join('');
  }
  const keys = columns ?? Object.keys(value).filter((key) => scalar(value[key])).sort();
  const others = Object.keys(value).filter((key) => !keys.includes(key)).sort();
  const words = keys.map((key) => (key in value ? word(value[key]) : ''));
  return (words.length ? line(name ? [name.toUpperCase(), ...words] : words) : '') + others.map((key) => asText(value[key], key)).join('');
}

const isScalar = (/** @type {any} */ it) => it === null || typeof it !== 'object';
const wordOf = (/** @type {any} */ it) => (it === null || it === undefined ? 'None' : it === true ? 'True' : it === false ? 'False' : `${it}`);
/** The keys with scalar values, and the other keys. @param {any[]} items */
function keysOf(items) {
  /** @type {[Set<string>, Set<string>]} */ const [scalars, others] = [new Set(), new Set()];
  for (const it of items) for (const key of Object.keys(it)) (isScalar(it[key]) ? scalars : others).add(key);
  return [[...scalars].sort(), [...others].sort()];
}

class Section {
  /** @type {string[]} */ headers = [];
  /** @type {string[][]} */ rows = [];
  /** @type {number[]} */ widest = [];

  /** @param {string} title @param {number} level */
  constructor(title, level) {
    this.title = title;
    this.level = level;
  }
  /** @param {any[]} cells */
  measure(cells) {
    const lengths = cells.map((it) => `${it}`.length);
    this.widest = this.widest.length ? this.widest.map((width, at) => Math.max(width, lengths[at] ?? 0)) : lengths;
  }
  /** @param {string[]} headers */
  header(headers) {
    this.columns(headers.length);
    this.headers = headers;
    this.measure(headers);
  }
  /** @param {any[]} cells */
  row(cells) {
    this.columns(cells.length, true);
    const row = cells.map(wordOf);
    this.rows.push(row);
    this.measure(row);
  }
  /** @type {number | undefined} */ count;
  /** @param {number} count @param {boolean} [strict] */
  columns(count, strict = false) {
    this.count ??= count;
    if (strict && count !== this.count) throw new AwsError(`Row should have ${this.count} elements, instead it has ${count}`);
  }
  get width() {
    const total = this.widest.reduce((sum, it) => sum + it + 4, 0) + 2 + this.level * 2;
    return Math.max(this.title.length + 2 + this.level * 2, total);
  }
  /** The widths of the columns, which fill a width. @param {number} width */
  scaled(width) {
    const own = this.widest.map((it) => it + 4);
    const factor = width / own.reduce((sum, it) => sum + it, 0);
    const scaled = own.map((it) => round(factor * it));
    for (let off = scaled.reduce((sum, it) => sum + it, 0) - width; off && scaled.length; ) {
      const order = off > 0 ? [...scaled.keys()] : [...scaled.keys()].reverse();
      for (const at of order) {
        const by = off > 0 ? -1 : 1;
        scaled[at] += by;
        off += by;
        if (!off) break;
      }
    }
    return scaled;
  }
}
/** Python 2's `round`: halves away from zero. @param {number} it */
const round = (it) => Math.floor(it + 0.5);

/**
 * Follows awscli/formatter.py and awscli/table.py, for a terminal of 80 columns.
 * @param {any} value
 * @param {string} operation the title, for example `DescribeInstances`
 */
export function asTable(value, operation) {
  /** @type {Section[]} */ const sections = [];
  const current = () => sections[sections.length - 1];
  /** @param {string | null} title null to continue the section @param {any} it @param {number} level */
  const build = (title, it, level) => {
    if (it === null || it === undefined || it === '' || it === 0 || it === false || (typeof it === 'object' && !Object.keys(it).length)) return;
    if (isScalar(it)) return;
    if (title !== null) sections.push(new Section(title, level));
    if (Array.isArray(it) && !isScalar(it[0]) && !Array.isArray(it[0])) {
      const [headers, more] = keysOf(it);
      current().header(headers);
      it.forEach((item, at) => {
        if (at && more.length) {
          sections.push(new Section(title ?? '', level));
          current().header(headers);
        }
        current().row(headers.map((key) => (key in item ? item[key] : '')));
        for (const key of more) if (key in item) build(key, item[key], level + 1);
      });
    } else if (Array.isArray(it)) {
      for (const item of it) {
        if (isScalar(item)) current().row([item]);
        else if (Array.isArray(item) && item.every(isScalar)) current().row(item);
        else build(null, item, 0);
      }
    } else {
      const [headers, more] = keysOf([it]);
      if (headers.length === 1) current().row([headers[0], it[headers[0]]]);
      else if (headers.length) {
        current().header(headers);
        current().row(headers.map((key) => it[key]));
      }
      for (const key of more) build(key, it[key], level + 1);
    }
  };
  build(operation, value, 0);
  return sections.length ? render(sections) : '';
}

/** @param {Section[]} sections */
function render(sections) {
  const widest = () => Math.max(...sections.map((it) => it.width));
  if (widest() > 80) {
    // A section with one row is turned: a line for each column.
    sections.forEach((it, at) => {
      if (it.rows.length !== 1 || !it.headers.length) return;
      const turned = new Section(it.title, it.level);
      it.headers.forEach((header, column) => turned.row([header, it.rows[0][column]]));
      sections[at] = turned;
    });
  }
  const width = widest();
  let text = `${'-'.repeat(width)}\n`;
  for (const section of sections) {
    const edge = '|'.repeat(section.level);
    const inner = width - section.level * 2;
    const line = (/** @type {string} */ it) => (text += `${edge}${it}${edge}\n`);
    const rule = (/** @type {number[]} */ widths) => line(widths.map((it, at) => (at ? `${'-'.repeat(Math.max(0, it - 1))}+` : `+${'-'.repeat(Math.max(0, it - 2))}+`)).join(''));
    const centered = (/** @type {string} */ it, /** @type {number} */ length, /** @type {string} */ left) => {
      const start = `${left}${' '.repeat(Math.max(0, Math.floor(length / 2) - Math.floor(it.length / 2) - 1))}${it}`;
      return `${start}${' '.repeat(Math.max(0, length - 1 - start.length))}|`;
    };
    if (section.title) {
      line(centered(section.title, inner, '|'));
      if (!section.headers.length && !section.rows.length) line(`+${'-'.repeat(inner - 2)}+`);
    }
    const widths = section.scaled(inner);
    if (section.headers.length) {
      rule(widths);
      line(section.headers.map((it, at) => centered(it, widths[at], at ? '' : '|')).join(''));
    }
    if (!section.rows.length || !widths.length) continue;
    rule(widths);
    for (const row of section.rows) {
      line(row.map((it, at) => {
        const left = at ? '' : '|';
        const padding = widths[at] - (it.length + 2 + left.length + 1) >= 0 ? 2 : 0;
        const start = `${left}${' '.repeat(padding)}${it}`;
        return `${start}${' '.repeat(Math.max(0, widths[at] - start.length - 1))}|`;
      }).join(''));
    }
    rule(widths);
  }
  return text;
}

/**
 * YAML as later versions of the CLI print it.
 * @param {any} value
 * @param {string} [indent]
 * @returns {string}
 */
export function asYaml(value, indent = '') {
  if (isScalar(value)) return `${indent}${yamlScalar(value)}\n`;
  const items = Array.isArray(value) ? value.map((it) => /** @type {[string, any]} */ (['-', it])) : Object.entries(value).map(([key, it]) => /** @type {[string, any]} */ ([`${yamlScalar(key)}:`, it]));
  if (!items.length) return `${indent}${Array.isArray(value) ? '[]' : '{}'}\n`;
  return items.map(([start, it]) => {
    if (isScalar(it) || !Object.keys(it).length) return `${indent}${start} ${asYaml(it).trimStart()}`;
    // A list in a mapping is not indented further.
    if (start === '-') return `${indent}- ${asYaml(it, `${indent}  `).trimStart()}`;
    return `${indent}${start}\n${asYaml(it, Array.isArray(it) ? indent : `${indent}  `)}`;
  }).join('');
}
/** @param {any} value */
function yamlScalar(value) {
  if (value === null || value === undefined) return 'null';
  if (typeof value !== 'string') return `${value}`;
  const ambiguous = /^(?:|~|null|true|false|yes|no|on|off|y|n|[-+]?[\d.][\d_,.:eE+-]*|0x[\da-f]+|\d{4}-\d\d?-\d\d?.*)$/i.test(value);
  if (/[\n\x00-\x1f]/.test(value)) return JSON.stringify(value);
  if (ambiguous || /^[-?:,[\]{}#&*!|>'"%@`]|^ | $|: |:$| #/.test(value)) return `'${value.replace(/'/g, "''")}'`;
  return value;
}
