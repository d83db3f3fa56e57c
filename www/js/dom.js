// @ts-check
// Creates elements. Strings become text nodes; nothing here parses markup.

/**
 * @param {string} tag
 * @param {Record<string, any> | null} [props] `on…` adds a listener; a name that is a property of
 *   the element sets the property; any other name sets an attribute
 * @param {...any} children elements, strings, and lists of them; null and false are skipped
 * @returns {any}
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'class') element.className = value;
    else if (name in element && !name.includes('-') && !['list', 'form', 'type', 'role'].includes(name)) /** @type {any} */ (element)[name] = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A labelled control. @param {string} label @param {HTMLElement} control @param {...any} more */
export function field(label, control, ...more) {
  control.id ||= `f${(count += 1)}`;
  return h('div', { class: 'field' }, h('label', { htmlFor: control.id }, label), control, ...more);
}
let count = 0;

/**
 * A `<select>`.
 * @param {readonly (readonly [string, string])[]} options values and labels
 * @param {Record<string, any>} props
 */
export const choice = (options, props) =>
  h('select', props, options.map(([value, label]) => h('option', { value, selected: value === props.value }, label)));

/**
 * A button that copies a text and confirms it in its label.
 * @param {() => string} text
 * @param {string} label
 * @param {string} done
 */
export const copyButton = (text, label, done) =>
  h('button', {
    type: 'button',
    async onclick(/** @type {any} */ { currentTarget: button }) {
      try {
        await navigator.clipboard.writeText(text());
      } catch {
        const area = h('textarea', { value: text() });
        document.body.append(area);
        area.select();
        document.execCommand('copy');
        area.remove();
      }
      button.textContent = done;
      setTimeout(() => (button.textContent = label), 1500);
    },
  }, label);
