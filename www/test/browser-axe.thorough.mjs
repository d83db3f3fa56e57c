// Every view, light and dark, on a phone and on a desk: no fault that axe knows, no sideways scrolling, and a picture of each to look
// at, in target/page-screenshots/.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';

import { CHROMIUM, launch, needs, open, serve } from './browser-common.mjs';
import { SEEN, SHOTS, sideways, visit } from './browser-seen.mjs';

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
    test(`${colorScheme}, ${width} px: axe finds nothing, nothing scrolls sideways, no error is said`, needs(CHROMIUM, 'Chromium'), async () => {
      const { page, context, faults } = await open(browser, server.base, { colorScheme, viewport: { width, height: 800 } });
      const wrong = [];
      for (const [name, seen] of Object.entries(SEEN)) {
        await visit(page, seen);
        const aside = await sideways(page);
        if (aside) wrong.push(`${name} scrolls sideways: ${aside}`);
        await page.screenshot({ path: `${SHOTS}${name}-${width}-${colorScheme}.png`, fullPage: true });
        // Without frames of others there is no need of a page to gather in.
        const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
        for (const { id, nodes } of violations) wrong.push(`${name}: ${id} at ${nodes.map(({ target }) => target.join(' ')).slice(0, 3).join(' | ')}: ${nodes[0].failureSummary.replace(/\s+/g, ' ')}`);
      }
      assert.deepEqual(wrong, []);
      assert.deepEqual(faults, []);
      await context.close();
    });
  }
}
