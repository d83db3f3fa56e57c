// @ts-check
// <imds-instance>: the selected instance, with its options, record, metadata tree and network path.

import { latin1, readResponse, tables } from '../engine.js';
import { withLine } from '../compose.js';
import { choice, field, h } from '../dom.js';
import { app, messageOf, t, View } from '../view.js';

const TOGGLE = /** @type {const} */ (['enabled', 'disabled']);
const OPTIONS = /** @type {[string, readonly string[]][]} */ ([
  ['http_tokens', ['optional', 'required']],
  ['http_endpoint', TOGGLE],
  ['http_protocol_ipv6', TOGGLE],
  ['instance_metadata_tags', TOGGLE],
]);
/** The launch of the article's test_instance. */
const LAUNCH = {
  Action: 'RunInstances', Version: '2016-11-15', ImageId: 'ami-0ce107ae7af2e92b5', InstanceType: 't2.nano', KeyName: 'key_file', MinCount: '1', MaxCount: '1',
  'Placement.AvailabilityZone': 'ap-northeast-1a', 'NetworkInterface.1.DeviceIndex': '0', 'NetworkInterface.1.SubnetId': 'subnet-03d74b8d6ab6c39f2',
  'NetworkInterface.1.AssociatePublicIpAddress': 'true', 'NetworkInterface.1.SecurityGroupId.1': 'sg-0a00ecb871bb15fb3',
  'TagSpecification.1.ResourceType': 'instance', 'TagSpecification.1.Tag.1.Key': 'Name', 'TagSpecification.1.Tag.1.Value': 'test_instance',
};

/** The selected instance, by default the first. */
export const selectedInstance = () => {
  const all = app.session.imds.instances();
  return all.find(({ id }) => id === app.store.state.instance) ?? all[0];
};

/** @typedef {import('../engine.js').Imds} Imds */

class Instance extends View {
  #select = h('select', { onchange: () => app.store.set({ instance: this.#select.value, selected: null }) });
  #summary = h('p', { class: 'small muted' });
  #state = h('p', { class: 'small', role: 'status' });
  #error = h('p', { class: 'bad small', role: 'alert' });
  #recordError = h('p', { class: 'bad small', role: 'alert' });
  /** @type {Record<string, any>} */ #controls = {};
  #limit = this.#number('http_put_response_hop_limit', 1, 64);
  #profile = choice([['nitro', 'Nitro'], ['xen', 'Xen']], { onchange: () => this.#edit({ profile: this.#profile.value }) });
  #role = h('input', { class: 'mono', autocomplete: 'off', spellcheck: false, onchange: () => this.#edit({ role: this.#role.value ? { name: this.#role.value } : undefined }) });
  #tags = h('textarea', { rows: 2, spellcheck: false, onchange: () => this.#edit({ tags: Object.fromEntries(this.#tags.value.split('\n').filter(Boolean).map((/** @type {string} */ line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)])) }) });
  #record = h('textarea', { rows: 14, spellcheck: false, 'aria-label': t('record') });
  #tree = h('div', { class: 'imds-instance-tree' });
  #isTreeOpen = false;
  #treeKey = '';

  build() {
    for (const [name, values] of OPTIONS) {
      this.#controls[name] = choice(values.map((value) => [value, value]), { onchange: (/** @type {any} */ { currentTarget }) => this.#modify({ [name]: currentTarget.value }) });
    }
    const launch = h('button', { type: 'button', onclick: () => this.#launch() }, t('launch'));
    this.launch = launch;
    const details = h('details', { ontoggle: () => this.#showRecord(details.open) }, h('summary', null, t('record')), h('p', { class: 'small muted' }, t('record.hint')), this.#record, h('div', { class: 'row' }, h('button', { type: 'button', onclick: () => this.#try(() => this.#replace(this.#record.value), this.#recordError) }, t('apply'))), this.#recordError);
    const tree = h('details', { ontoggle: () => { this.#treeKey = ''; this.#isTreeOpen = tree.open; this.update(); } }, h('summary', null, t('tree')), h('p', { class: 'small muted' }, t('tree.hint')), this.#tree);
    return [
      h('h2', null, t('instance')),
      field(t('instance.select'), this.#select), this.#summary, launch, this.#error,
      h('fieldset', null, h('legend', null, t('options')),
        OPTIONS.slice(0, 2).map(([name]) => field(t(name), this.#controls[name])), field(t('http_put_response_hop_limit'), this.#limit), OPTIONS.slice(2).map(([name]) => field(t(name), this.#controls[name])), this.#state),
      h('fieldset', null, h('legend', null, t('details')), field(t('profile'), this.#profile), field(t('role'), this.#role), field(t('tags'), this.#tags)),
      h('imds-network-path'), tree, details,
    ];
  }

  update() {
    const all = app.session.imds.instances();
    const it = selectedInstance();
    if (!it) return;
    this.#select.replaceChildren(...all.map(({ id, tags, local_ipv4s, state }) => h('option', { value: id, selected: id === it.id }, `${tags.Name ?? id} ${local_ipv4s[0] ?? ''}${state === 'running' ? '' : ` (${state})`}`)));
    this.#summary.textContent = `${it.id} · ${it.instance_type} · ${it.profile} · ${it.state}`;
    this.launch.hidden = all.some(({ tags, state }) => tags.Name === 'test_instance' && state === 'running');
    for (const [name] of OPTIONS) this.#controls[name].value = /** @type {any} */ (it.options)[name];
    this.#limit.value = it.options.http_put_response_hop_limit;
    this.#profile.value = it.profile;
    const pending = it.options.state === 'pending';
    this.#state.className = `small ${pending ? 'warn' : 'muted'}`;
    this.#state.textContent = pending ? t('options.pending', app.session.activeOptions(it.id).http_tokens) : t('options.applied');
    this.#tags.value = Object.entries(it.tags).map(([name, value]) => `${name}=${value}`).join('\n');
    this.#role.value = app.session.record(it.id)?.role?.name ?? '';
    const key = `${it.id} ${app.session.log.length} ${app.session.now()}`;
    if (this.#isTreeOpen && this.#treeKey !== key) {
      this.#treeKey = key;
      const open = new Set(Array.from(this.#tree.querySelectorAll('details[open]'), (/** @type {any} */ one) => one.dataset.path));
      this.#tree.replaceChildren(this.#branch('/latest/', it.id, open));
    }
  }

  /**
   * Reads from a clone that allows IMDSv1, so the tree is shown under any options.
   * @param {string} instance
   * @param {(imds: Imds) => any} read
   */
  #readFrom(instance, read) {
    const imds = app.session.clone();
    imds.modify({ http_tokens: 'optional', http_endpoint: 'enabled' }, { instance });
    const result = read(imds);
    imds.free();
    return result;
  }

  /** @param {string} path @param {string} instance @param {Set<string>} open @returns {any} */
  #branch(path, instance, open) {
    const names = this.#readFrom(instance, (imds) => body(imds, path, instance).split('\n').filter(Boolean));
    return h('ul', null, names.map((/** @type {string} */ name) => {
      const top = path === '/latest/' && !tables().categories.some((it) => it.path === name);
      const at = path + (/^\d+=/.test(name) ? `${name.split('=')[0]}/` : top ? `${name}/` : name);
      if (!at.endsWith('/')) return this.#leaf(at, name, instance);
      const branch = h('details', { 'data-path': at }, h('summary', { class: 'mono' }, name));
      branch.addEventListener('toggle', () => branch.open && branch.childElementCount < 2 && branch.append(this.#branch(at, instance, open)));
      branch.open = open.has(at);
      return h('li', null, branch);
    }));
  }

  /** @param {string} path @param {string} name @param {string} instance */
  #leaf(path, name, instance) {
    const value = this.#readFrom(instance, (imds) => body(imds, path, instance));
    const use = () => app.store.set({ request: withLine(app.store.state.request, { method: 'GET', path }) });
    return h('li', null, h('button', { type: 'button', class: 'quiet mono', title: path, onclick: use }, name), h('span', { class: 'mono small value' }, value.length > 120 ? `${value.slice(0, 120)}…` : value));
  }

  /** @param {string} name @param {number} min @param {number} max */
  #number(name, min, max) {
    const input = h('input', { type: 'number', min, max, onchange: () => this.#modify({ [name]: Number(input.value) }) });
    return input;
  }

  /** @param {any} change */
  #modify(change) {
    this.#try(() => app.session.imds.modify(change, { instance: selectedInstance().id }));
  }

  #launch() {
    this.#try(() => {
      const before = app.session.imds.instances().length;
      app.session.imds.ec2(LAUNCH);
      app.store.set({ instance: app.session.imds.instances()[before]?.id ?? null, selected: null });
    });
  }

  /** @param {any} change */
  #edit(change) {
    this.#try(() => this.#replace(JSON.stringify({ ...app.session.record(selectedInstance().id), ...change })));
  }

  /** @param {string} record */
  #replace(record) {
    app.session.imds.replace(record, { instance: selectedInstance().id });
  }

  /** @param {boolean} open */
  #showRecord(open) {
    if (open) this.#record.value = JSON.stringify(app.session.record(selectedInstance().id), null, 2);
  }

  /**
   * Runs an action and shows its error beside the control.
   * @param {() => void} action
   * @param {HTMLElement} [output]
   */
  #try(action, output = this.#error) {
    this.#error.textContent = this.#recordError.textContent = '';
    try {
      action();
    } catch (error) {
      output.textContent = messageOf(error);
      this.update();
    }
  }
}

/**
 * The body of a path; empty unless the status is 200.
 * @param {Imds} imds
 * @param {string} path
 * @param {string} instance
 */
function body(imds, path, instance) {
  const exchange = imds.handle(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`, { instance });
  return exchange.status === 200 ? latin1(readResponse(exchange)?.body ?? new Uint8Array()) : '';
}

customElements.define('imds-instance', Instance);
