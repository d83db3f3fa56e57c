// The screens of the page, for the tests and their screenshots.

import { go, here, settled } from './browser-common.mjs';

export const SHOTS = here('../../target/page-screenshots/');
export const press = (page, view, name) => page.locator(`imds-${view}`).getByRole('button', { name, exact: true }).click();

/** Runs the command of a lesson's current step by its button. */
async function run(page) {
  const steps = () => import('./js/view.js').then(({ app }) => app.session.log.length);
  const before = await page.evaluate(steps);
  await page.locator('.imds-lesson-steps > .current button.primary').click();
  while ((await page.evaluate(steps)) === before) await settled(page);
  await settled(page);
}

/** The screens by name: a route, and the actions on it. */
export const SCREENS = {
  start: ['start', async (page) => page.waitForSelector('.sequence .exchange')],
  'start-end': ['start', async (page) => {
    await page.locator('.start-controls input').focus();
    await page.keyboard.press('End');
  }],
  'playground-start': ['playground', async () => {}],
  playground: ['playground', async (page) => {
    await press(page, 'playground', 'PUT a token');
    await page.locator('imds-playground').getByRole('button', { name: /^GET with token/ }).click();
    for (const name of ['Record, tags, network path', 'Record as JSON']) await page.locator('imds-playground summary', { hasText: name }).click();
    await page.locator('imds-why summary', { hasText: 'Show all' }).click();
    await page.locator('imds-bytes [data-part="path"]').first().click();
  }],
  'playground-hex': ['playground', async (page) => {
    await page.locator('imds-playground').getByRole('tab', { name: 'Raw' }).click();
    await press(page, 'playground', 'Hex');
  }],
  terminal: ['terminal', async (page) => {
    const enter = async (text) => {
      const before = await page.locator('.imds-shell-command').count();
      await page.fill('imds-terminal #shell-input', text);
      await page.press('imds-terminal #shell-input', 'Enter');
      await page.waitForFunction((count) => document.querySelectorAll('imds-terminal .imds-shell-command').length > count, before);
    };
    await enter('aws ec2 describe-instances --query "Reservations[].Instances[].{Id:InstanceId,Tokens:MetadataOptions.HttpTokens}" --output table');
    await enter('for path in instance-id instance-type; do\n  echo "$path: $(curl -s http://169.254.169.254/latest/meta-data/$path)"\ndone');
    await enter('crul http://169.254.169.254/');
    await page.fill('imds-terminal #shell-input', 'aws ec2 describe-');
    await page.press('imds-terminal #shell-input', 'Tab');
  }],
  'lesson-1': ['lesson/1', async (page) => {
    // The screens before it may have taken its steps.
    await press(page, 'lesson', 'Reset lesson');
    await press(page, 'lesson', 'Next step');
    await run(page);
  }],
  'lesson-4': ['lesson/4', (page) => run(page)],
  'lesson-7': ['lesson/7', async (page) => {
    await page.locator('imds-lesson').getByRole('button', { name: 'Set up' }).click();
    await page.waitForSelector('.imds-lesson-needs', { state: 'detached' });
    await run(page);
    await page.locator('.imds-lesson-side summary').first().click();
  }],
  'lesson-10': ['lesson/10', async () => {}],
  compare: ['compare', async () => {}],
  'path-start': ['path', async () => {}],
  'path-lost': ['path', async (page) => {
    await press(page, 'path', 'Container');
    await press(page, 'path', 'PUT a token');
  }],
  'path-long': ['path', async (page) => {
    await press(page, 'path', 'Load balancer and WAF');
    await page.selectOption('imds-stages select', 'bridge');
    await press(page, 'path', 'PUT a token');
    await press(page, 'path', 'Previous step');
  }],
  'path-rejected': ['path', async (page) => {
    await press(page, 'path', 'GET-only forwarder');
    await press(page, 'path', 'PUT a token');
  }],
  'lab-start': ['lab', async () => {}],
  'lab-leaked': ['lab', (page) => press(page, 'lab', 'Run the whole attack')],
  'lab-safe': ['lab', async (page) => {
    await page.locator('imds-lab select').first().selectOption('required');
    await page.locator('imds-lab input[value="proxy"]').click();
    await press(page, 'lab', 'Run the whole attack');
  }],
  live: ['live', async () => {}],
  about: ['about', async () => {}],
  share: ['playground', async (page) => {
    await page.getByRole('button', { name: 'Share' }).click();
    await page.waitForSelector('dialog.imds-share[open]');
  }],
  clock: ['playground', async (page) => {
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog.imds-share[open]', { state: 'detached' });
    // The screens before it may have left a path on which no token arrives.
    await go(page, 'path');
    await press(page, 'path', 'Process on the instance');
    await go(page, 'playground');
    await press(page, 'playground', 'PUT a token');
    await page.locator('imds-playground imds-clock').getByRole('button', { name: /expires/ }).first().click();
  }],
  notice: ['#/x/AAAA', async (page) => page.waitForSelector('.page-notice p')],
};

export async function visit(page, [route, act]) {
  if (route.startsWith('#')) await page.evaluate((to) => (location.hash = to), route);
  else await go(page, route);
  await act(page);
  await settled(page);
}
/** The elements that cause horizontal scrolling; empty without any. */
export const horizontalOverflow = (page) => page.evaluate(() => {
  const { scrollWidth } = document.documentElement;
  const wide = [...document.querySelectorAll('body *')].filter((it) => it.getBoundingClientRect().right > innerWidth + 1 && !it.closest('.visually-hidden, .scroll, [role="log"], nav, .page-skip')).map((it) => `${it.tagName}.${it.getAttribute('class')} ${it.getBoundingClientRect().right}`);
  return scrollWidth > innerWidth ? `${scrollWidth} > ${innerWidth}: ${wide.slice(0, 3)}` : '';
});
