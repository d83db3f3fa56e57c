// @ts-check
// `$((…))`, `((…))`, `let` and the numbers of `[[ -eq ]]`: 64-bit integers, as in bash.

/** An error of an expression, as bash prints it. */
export class ArithmeticError extends Error {}

/** By precedence, weakest first. */
const BINARY = [['||'], ['&&'], ['|'], ['^'], ['&'], ['==', '!='], ['<=', '>=', '<', '>'], ['<<', '>>'], ['+', '-'], ['*', '/', '%']];
const OPERATORS = /(?:<<=|>>=|\*\*|\+\+|--|&&|\|\||[-+*/%&|^]=|<<|>>|==|!=|<=|>=|[-+*/%&|^!~<>=?:(),])/y;
const MAX_DEPTH = 200;

/**
 * @param {string} text
 * @param {{ get: (name: string) => string, set: (name: string, value: string) => void }} variables
 * @returns {bigint}
 */
export function evaluate(text, variables, depth = 0) {
  if (depth > 20) throw new ArithmeticError(`${text}: expression recursion level exceeded`);
  let at = 0;
  let open = 0;
  /** Whether the branch is skipped: it sets nothing and does not divide. */
  let skipped = 0;
  const fail = (/** @type {string} */ message) => new ArithmeticError(`${text}: ${message} (error token is "${text.slice(at)}")`);
  const wrap = (/** @type {bigint} */ value) => BigInt.asIntN(64, value);
  const blanks = () => {
    while (/\s/.test(text[at] ?? '')) at += 1;
  };
  const peek = () => {
    blanks();
    OPERATORS.lastIndex = at;
    return OPERATORS.exec(text)?.[0] ?? '';
  };
  const take = (/** @type {string} */ operator) => peek() === operator && !!(at += operator.length);
  const valueOf = (/** @type {string} */ name) => {
    const value = variables.get(name).trim();
    return value === '' ? 0n : /^-?\d+$/.test(value) && !/^-?0\d/.test(value) ? wrap(BigInt(value)) : evaluate(value, variables, depth + 1);
  };
  const assign = (/** @type {string} */ name, /** @type {bigint} */ value) => {
    if (!skipped) variables.set(name, `${wrap(value)}`);
    return wrap(value);
  };
  const binary = (/** @type {string} */ op, /** @type {bigint} */ a, /** @type {bigint} */ b) => {
    const truth = (/** @type {boolean} */ it) => (it ? 1n : 0n);
    switch (op) {
      case '|': return a | b;
      case '^': return a ^ b;
      case '&': return a & b;
      case '==': return truth(a === b);
      case '!=': return truth(a !== b);
      case '<=': return truth(a <= b);
      case '>=': return truth(a >= b);
      case '<': return truth(a < b);
      case '>': return truth(a > b);
      case '<<': return wrap(a << (b & 63n));
      case '>>': return a >> (b & 63n);
      case '+': return wrap(a + b);
      case '-': return wrap(a - b);
      case '*': return wrap(a * b);
      default:
        if (b === 0n) {
          if (skipped) return 0n;
          throw fail('division by 0');
        }
        return op === '/' ? wrap(a / b) : a % b;
    }
  };
  /** @returns {bigint} */
  const comma = () => {
    let value = conditional();
    while (take(',')) value = conditional();
    return value;
  };
  /** @returns {bigint} */
  const conditional = () => {
    if ((open += 1) > MAX_DEPTH) throw fail('expression recursion level exceeded');
    const test = level(0);
    let value = test;
    if (take('?')) {
      skipped += test ? 0 : 1;
      const yes = conditional();
      skipped += test ? 1 : -1;
      if (!take(':')) throw fail("`:' expected for conditional expression");
      const no = conditional();
      skipped -= test ? 1 : 0;
      value = test ? yes : no;
    }
    open -= 1;
    return value;
  };
  /** @param {number} place @returns {bigint} */
  const level = (place) => {
    if (place === BINARY.length) return power();
    let left = level(place + 1);
    for (;;) {
      const op = peek();
      if (!BINARY[place].includes(op)) return left;
      at += op.length;
      if (op === '&&' || op === '||') {
        const decided = op === '&&' ? !left : !!left;
        skipped += decided ? 1 : 0;
        const right = level(place + 1);
        skipped -= decided ? 1 : 0;
        left = (op === '&&' ? left && right : left || right) ? 1n : 0n;
      } else left = binary(op, left, level(place + 1));
    }
  };
  /** @returns {bigint} */
  const power = () => {
    const base = unary();
    if (!take('**')) return base;
    const exponent = power();
    if (exponent < 0n) throw fail('exponent less than 0');
    let value = 1n;
    for (let left = exponent, square = base; left > 0n; left >>= 1n, square = wrap(square * square)) if (left & 1n) value = wrap(value * square);
    return value;
  };
  /** @returns {bigint} */
  const unary = () => {
    const op = peek();
    if (op === '++' || op === '--') {
      at += 2;
      blanks();
      const name = /^[A-Za-z_]\w*/.exec(text.slice(at))?.[0];
      if (!name) throw fail('syntax error: operand expected');
      at += name.length;
      return assign(name, valueOf(name) + (op === '++' ? 1n : -1n));
    }
    if (op && '!~-+'.includes(op)) {
      at += 1;
      if ((open += 1) > MAX_DEPTH) throw fail('expression recursion level exceeded');
      const value = unary();
      open -= 1;
      return op === '!' ? (value ? 0n : 1n) : op === '~' ? ~value : op === '-' ? wrap(-value) : value;
    }
    if (take('(')) {
      const value = comma();
      if (!take(')')) throw fail("missing `)'");
      return value;
    }
    blanks();
    const rest = text.slice(at, at + 100);
    const [number] = /^(?:0[xX][\da-fA-F]+|\d+#[\da-zA-Z]+|\d+)/.exec(rest) ?? [];
    if (number) {
      const base = /^(\d+)#(.*)$/.exec(number);
      if (/^0\d/.test(number) && /[89]/.test(number)) throw new ArithmeticError(`${number}: value too great for base (error token is "${number}")`);
      at += number.length;
      if (base) return [...base[2].toLowerCase()].reduce((sum, it) => wrap(sum * BigInt(base[1]) + BigInt(parseInt(it, 36))), 0n);
      return wrap(BigInt(/^0\d/.test(number) ? `0o${number.replace(/^0+/, '') || 0}` : number));
    }
    const [name] = /^[A-Za-z_]\w*/.exec(rest) ?? [];
    if (!name) throw fail('syntax error: operand expected');
    at += name.length;
    const after = peek();
    if (after === '++' || after === '--') {
      at += 2;
      const value = valueOf(name);
      assign(name, value + (after === '++' ? 1n : -1n));
      return value;
    }
    if (after === '=') {
      at += 1;
      return assign(name, conditional());
    }
    if (/^(?:<<|>>|[-+*/%&|^])=$/.test(after)) {
      at += after.length;
      return assign(name, binary(after.slice(0, -1), valueOf(name), conditional()));
    }
    return valueOf(name);
  };

  blanks();
  if (at >= text.length) return 0n;
  const value = comma();
  blanks();
  if (at < text.length) throw fail('syntax error in expression');
  return value;
}
