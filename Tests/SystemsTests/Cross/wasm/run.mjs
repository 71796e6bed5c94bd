// Runs cross.wasm, which is named on the command line.
import { readFileSync } from "node:fs";

const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), {});
console.log((instance.exports.cross() >>> 0).toString(16).padStart(8, "0"));
