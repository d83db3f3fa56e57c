// Pictures of the page's screens, and an index of them, in target/page-screenshots/:
// `cargo xtask screenshots [SCREEN…]`.

import { mkdirSync, writeFileSync } from 'node:fs';

import { CHROMIUM, launch, open, serve } from './browser-common.mjs';
import { SCREENS, SHOTS, visit } from './browser-screens.mjs';

const WIDTHS = [390, 768, 1280, 1440];
const THEMES = ['light', 'dark'];

const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(SCREENS, name));
if (unknown.length) stop(`unknown screen '${unknown[0]}'; the screens are ${Object.keys(SCREENS).join(', ')}`);
if (!CHROMIUM) stop('Chromium is not installed');

const screens = Object.entries(SCREENS).filter(([name]) => !names.length || names.includes(name));
const total = screens.length * WIDTHS.length * THEMES.length;
const failures = [];
let count = 0;
mkdirSync(SHOTS, { recursive: true });
const server = await serve();
const browser = await launch();
try {
  for (const colorScheme of THEMES) {
    for (const width of WIDTHS) {
      const { page, context, faults } = await open(browser, server.base, { colorScheme, viewport: { width, height: 900 } });
      for (const [name, screen] of screens) {
        count += 1;
        const file = fileOf(name, width, colorScheme);
        try {
          await visit(page, screen);
          await page.screenshot({ path: `${SHOTS}${file}`, fullPage: true });
          console.log(`${count}/${total} ${file}`);
        } catch (error) {
          failures.push(`${file}: ${error.message.split('\n')[0]}`);
          console.log(`${count}/${total} ${failures.at(-1)}`);
        }
      }
      failures.push(...faults.map((fault) => `${width} px, ${colorScheme}: ${fault}`));
      await context.close();
    }
  }
} finally {
  await browser.close();
  await server.close();
}
writeFileSync(`${SHOTS}index.html`, index());
console.log(`${SHOTS}index.html`);
if (failures.length) stop(failures.join('\n'));

function fileOf(name, width, theme) {
  return `${name}-${width}-${theme}.png`;
}

/** A page with a row of thumbnails for each screen and theme. */
function index() {
  const sizes = THEMES.flatMap((theme) => WIDTHS.map((width) => [width, theme]));
  const shot = (name, [width, theme]) => `<figure><a href="${fileOf(name, width, theme)}"><img loading="lazy" src="${fileOf(name, width, theme)}" alt="${name}, ${width} px, ${theme}"></a><figcaption>${width} px, ${theme}</figcaption></figure>`;
  const sections = screens.map(([name]) => `<section id="${name}"><h2>${name}</h2><div>${sizes.map((size) => shot(name, size)).join('\n')}</div></section>`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Screens of the page</title>
<style>
:root { color-scheme: light dark; }
body { font: 14px/1.5 system-ui, sans-serif; margin: 24px; }
nav a { margin-right: 12px; }
section > div { display: grid; grid-template-columns: repeat(${WIDTHS.length}, minmax(0, 1fr)); gap: 12px; }
figure { margin: 0; }
img { width: 100%; height: 240px; object-fit: cover; object-position: top; border: 1px solid #8888; border-radius: 8px; }
</style>
<h1>Screens of the page</h1>
<nav>${screens.map(([name]) => `<a href="#${name}">${name}</a>`).join('\n')}</nav>
${sections.join('\n')}
</html>
`;
}

function stop(message) {
  console.error(`error: ${message}`);
  process.exit(1);
}
