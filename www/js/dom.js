// @ts-check
// Elements from data. Text is only ever text: nothing here reads markup.

/**
 * @param {string} tag
 * @param {Record<string, any> | null} [props] `on…` are listeners, what the element has as a property is set so, the rest are attributes
 * @param {...any} children elements, texts, lists of them; what is null or false is left out
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

/** A choice of several. @param {readonly (readonly [string, string])[]} options values and words @param {Record<string, any>} props */
export const choice = (options, props) =>
  h('select', props, options.map(([value, words]) => h('option', { value, selected: value === props.value }, words)));

/** Copies, and says so on the button. @param {() => string} text @param {string} label @param {string} done */
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
