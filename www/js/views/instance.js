// @ts-check
// <imds-instance>: the selected instance: its options as chips, its metadata as a tree with values,
// its record and its network path.

import { parts, withLine } from '../compose.js';
import { choice, field, h } from '../dom.js';
import { tables } from '../engine.js';
import { app, messageOf, t, View } from '../view.js';
import './network-path.js';
import { edit, selectedInstance } from './shown.js';
import { tt } from './strings.js';

const TOGGLE = /** @type {const} */ (['enabled', 'disabled']);
const LIMIT = 'http_put_response_hop_limit';
/** The launch of the article's test_instance. */
const LAUNCH = {
  Action: 'RunInstances', Version: '2016-11-15', ImageId: 'ami-0ce107ae7af2e92b5', InstanceType: 't2.nano', KeyName: 'key_file', MinCount: '1', MaxCount: '1',
  'Placement.AvailabilityZone': 'ap-northeast-1a', 'NetworkInterface.1.DeviceIndex': '0', 'NetworkInterface.1.SubnetId': 'subnet-03d74b8d6ab6c39f2',
  'NetworkInterface.1.AssociatePublicIpAddress': 'true', 'NetworkInterface.1.SecurityGroupId.1': 'sg-0a00ecb871bb15fb3',
  'TagSpecification.1.ResourceType': 'instance', 'TagSpecification.1.Tag.1.Key': 'Name', 'TagSpecification.1.Tag.1.Value': 'test_instance',
};

export { selectedInstance };

/** At most this many instances are chips; more are a list. */
const MAX_CHIPS = 4;

class Instance extends View {
  #instances = h('div', { class: 'row', role: 'group', 'aria-label': t('instance.select') });
  #state = h('p', { class: 'small', role: 'status' });
  #error = h('p', { class: 'bad small', role: 'alert' });
  #recordError = h('p', { class: 'bad small', role: 'alert' });
  /** @type {Record<string, any>} */ #chips = {};
  #profile = choice([['nitro', 'Nitro'], ['xen', 'Xen']], { class: 'chip', 'aria-label': t('profile'), onchange: () => this.#edit({ profile: this.#profile.value }) });
  #role = h('input', { class: 'mono', autocomplete: 'off', spellcheck: false, onchange: () => this.#edit({ role: this.#role.value ? { name: this.#role.value } : undefined }) });
  #tags = h('textarea', { rows: 2, spellcheck: false, onchange: () => this.#edit({ tags: Object.fromEntries(this.#tags.value.split('\n').filter(Boolean).map((/** @type {string} */ line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)])) }) });
  #record = h('textarea', { rows: 14, spellcheck: false, 'aria-label': t('record') });
  #roleChip = h('button', { type: 'button', class: 'chip', onclick: () => this.#openRole() });
  #launch = h('button', { type: 'button', class: 'chip', title: tt('launch.title'), onclick: () => this.#launchTest() }, tt('launch'));
  #tree = h('div', { class: 'imds-instance-tree' });
  /** @type {any} */ #more;
  #treeKey = '';
  #instancesKey = '';

  build() {
    this.#treeKey = this.#instancesKey = '';
    const option = (/** @type {string} */ name, /** @type {readonly string[]} */ values, key = `chip.${name}`) => {
      const chip = choice(values.map((value) => [value, tt(key, value)]), { class: 'chip', 'aria-label': t(name), onchange: () => this.#modify({ [name]: name === LIMIT ? Number(chip.value) : chip.value }) });
      return (this.#chips[name] = chip);
    };
    const limits = Array.from({ length: 64 }, (_, at) => `${at + 1}`);
    const record = h('details', { ontoggle: () => this.#showRecord(record.open) }, h('summary', null, t('record')), h('p', { class: 'small muted' }, t('record.hint')), this.#record, h('div', { class: 'row' }, h('button', { type: 'button', onclick: () => this.#try(() => this.#replace(this.#record.value), this.#recordError) }, t('apply'))), this.#recordError);
    this.#more = h('details', { class: 'imds-instance-more', ontoggle: () => this.update() }, h('summary', null, tt('more')),
      h('div', { class: 'stack' }, h('div', { class: 'row imds-instance-chips' }, option('instance_metadata_tags', TOGGLE), option('http_protocol_ipv6', TOGGLE)), field(t('role'), this.#role), field(t('tags'), this.#tags), record, h('imds-network-path')));
    return [
      h('h2', { class: 'label' }, tt('instance')), this.#instances, this.#error,
      h('div', { class: 'row imds-instance-chips', role: 'group', 'aria-label': t('options') },
        option('http_tokens', ['optional', 'required']), option('http_endpoint', TOGGLE), option(LIMIT, limits, 'chip.limit'), this.#profile, this.#roleChip),
      this.#state, this.#more,
      h('h2', { class: 'label', title: tt('metadata.hint') }, tt('metadata')), this.#tree,
    ];
  }

  update() {
    const all = app.session.imds.instances();
    const it = selectedInstance();
    if (!it) return;
    this.#listInstances(all, it.id);
    for (const [name, chip] of Object.entries(this.#chips)) {
      chip.value = `${/** @type {any} */ (it.options)[name]}`;
      chip.dataset.value = chip.value;
    }
    this.#profile.value = it.profile;
    for (const one of this.#profile.options) one.textContent = `${it.instance_type} · ${one.value === 'xen' ? 'Xen' : 'Nitro'}`;
    const pending = it.options.state === 'pending';
    this.#state.hidden = !pending;
    this.#state.className = 'small warn';
    this.#state.textContent = pending ? t('options.pending', app.session.activeOptions(it.id).http_tokens) : '';
    const role = app.session.record(it.id)?.role?.name ?? '';
    this.#roleChip.textContent = role ? tt('chip.role', role) : tt('chip.role.none');
    if (this.#more.open) {
      this.#tags.value = Object.entries(it.tags).map(([name, value]) => `${name}=${value}`).join('\n');
      this.#role.value = role;
    }
    const { path } = parts(app.store.state.request);
    const key = `${it.id} ${app.session.version}`;
    if (this.#treeKey !== key) {
      const open = this.#treeKey ? new Set(Array.from(this.#tree.querySelectorAll('details[open]'), (/** @type {any} */ one) => one.dataset.path)) : new Set(['/latest/meta-data/']);
      this.#treeKey = key;
      this.#tree.replaceChildren(this.#branch('/latest/', it.id, open));
    }
    for (const one of this.#tree.querySelectorAll('[data-leaf]')) {
      if (one.dataset.leaf === path) one.setAttribute('aria-current', 'true');
      else one.removeAttribute('aria-current');
    }
  }

  /** @param {import('../../../pkg/index.d.ts').Instance[]} all @param {string} selected */
  #listInstances(all, selected) {
    const names = all.map(({ id, tags, local_ipv4s, state }) => ({ id, name: tags.Name ?? id, title: `${id} ${local_ipv4s[0] ?? ''} ${state}`, off: state === 'running' ? '' : ` (${state})` }));
    const key = JSON.stringify([names, selected]);
    if (key === this.#instancesKey) return;
    this.#instancesKey = key;
    const use = (/** @type {string} */ id) => app.store.set({ instance: id, selected: null });
    const chips = names.map(({ id, name, title, off }) => h('button', { type: 'button', class: 'chip imds-instance-name', title, 'aria-pressed': `${id === selected}`, onclick: () => use(id) }, `${name}${off}`));
    const list = choice(names.map(({ id, name, off }) => [id, `${name}${off}`]), { class: 'chip imds-instance-name', value: selected, 'aria-label': t('instance.select'), onchange: () => use(list.value) });
    this.#launch.hidden = all.some(({ tags, state }) => tags.Name === 'test_instance' && state === 'running');
    this.#instances.replaceChildren(...(names.length > MAX_CHIPS ? [list] : chips), this.#launch);
  }

  /** @param {string} path @param {string} instance @param {Set<string>} open @returns {any} */
  #branch(path, instance, open) {
    const names = (app.session.read(path, instance) ?? '').split('\n').filter(Boolean);
    return h('ul', null, names.map((/** @type {string} */ name) => {
      const top = path === '/latest/' && !tables().categories.some((it) => it.path === name);
      const at = path + (/^\d+=/.test(name) ? `${name.split('=')[0]}/` : top ? `${name}/` : name);
      if (!at.endsWith('/')) return this.#leaf(at, name, instance);
      const branch = h('details', { 'data-path': at }, h('summary', { class: 'mono' }, name));
      const fill = () => branch.childElementCount < 2 && branch.append(this.#branch(at, instance, open));
      branch.addEventListener('toggle', () => branch.open && fill());
      branch.open = open.has(at);
      if (branch.open) fill();
      return h('li', null, branch);
    }));
  }

  /** @param {string} path @param {string} name @param {string} instance */
  #leaf(path, name, instance) {
    const value = app.session.read(path, instance) ?? '';
    const shown = value.length > 120 ? `${value.slice(0, 120)}…` : value;
    return h('li', null, h('button', { type: 'button', class: 'imds-instance-leaf mono', title: path, 'data-leaf': path, onclick: () => edit((request) => withLine(request, { method: 'GET', path })) }, h('span', null, name), h('span', { class: 'value' }, shown)));
  }

  #openRole() {
    this.#more.open = true;
    this.update();
    this.#role.focus();
  }

  /** @param {any} change */
  #modify(change) {
    this.#try(() => app.session.imds.modify(change, { instance: selectedInstance().id }));
  }

  #launchTest() {
    this.#try(() => {
      const before = app.session.imds.instances().length;
      app.session.imds.ec2(LAUNCH);
      app.store.set({ instance: app.session.imds.instances()[before]?.id ?? null });
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
   * Runs an action, after which Try shows a preview; shows its error at the control.
   * @param {() => void} action
   * @param {HTMLElement} [output]
   */
  #try(action, output = this.#error) {
    this.#error.textContent = this.#recordError.textContent = '';
    try {
      action();
      app.store.set({ selected: null });
    } catch (error) {
      output.textContent = messageOf(error);
      this.update();
    }
  }
}

customElements.define('imds-instance', Instance);
