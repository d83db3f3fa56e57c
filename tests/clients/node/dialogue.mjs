// Prints a line of JSON for each line of standard input: {"ok": ...} or {"error": "..."}.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

// The packages are in the working folder, not in that of the script.
export const require = createRequire(`${process.cwd()}/`);

export async function serve(clients) {
  for await (const line of createInterface({ input: process.stdin })) {
    const [name, ...words] = line.split(" ");
    let result;
    try {
      result = { ok: await clients[name](...words) };
    } catch (error) {
      result = { error: `${error.name}: ${error.message}` };
    }
    console.log(JSON.stringify(result));
  }
}
