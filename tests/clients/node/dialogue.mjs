// Answers each line of standard input with a line of JSON: {"ok": ...} or {"error": "..."}.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

// The packages are where the process runs, not where its script is.
export const require = createRequire(`${process.cwd()}/`);

export async function answer(clients) {
  for await (const line of createInterface({ input: process.stdin })) {
    const [name, ...words] = line.split(" ");
    let said;
    try {
      said = { ok: await clients[name](...words) };
    } catch (error) {
      said = { error: `${error.name}: ${error.message}` };
    }
    console.log(JSON.stringify(said));
  }
}
