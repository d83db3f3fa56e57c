// Every screen, light and dark, on a phone and a desktop: axe finds no violations and nothing
// scrolls horizontally. Screenshots go to target/page-screenshots/.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';

import { CHROMIUM, launch, needs, open, serve } from './browser-common.mjs';
import { horizontalOverflow, SCREENS, SHOTS, visit } from './browser-screens.mjs';

let browser;
let server;
before(async () => {
  server = await serve();
  mkdirSync(SHOTS, { recursive: true });
  if (CHROMIUM) browser = await launch();
});
after(async () => {
  await browser?.close();
  await server.close();
});

for (const colorScheme of ['light', 'dark']) {
  for (const width of [360, 1280]) {
    test(`${colorScheme}, ${width} px: axe finds no violations, nothing scrolls horizontally, no errors are logged`, needs(CHROMIUM, 'Chromium'), async () => {
      const { page, context, faults } = await open(browser, server.base, { colorScheme, viewport: { width, height: 800 } });
      const failures = [];
      for (const [name, screen] of Object.entries(SCREENS)) {
        await visit(page, screen);
        const overflow = await horizontalOverflow(page);
        if (overflow) failures.push(`${name} scrolls horizontally: ${overflow}`);
        await page.screenshot({ path: `${SHOTS}${name}-${width}-${colorScheme}.png`, fullPage: true });
        // Legacy mode needs no extra page, because there are no cross-origin frames.
        const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
        for (const { id, nodes } of violations) failures.push(`${name}: ${id} at ${nodes.map(({ target }) => target.join(' ')).slice(0, 3).join(' | ')}: ${nodes[0].failureSummary.replace(/\s+/g, ' ')}`);
      }
      assert.deepEqual(failures, []);
      assert.deepEqual(faults, []);
      await context.close();
    });
  }
}
