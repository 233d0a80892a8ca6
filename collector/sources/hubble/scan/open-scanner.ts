import { readFileSync } from 'node:fs';
import type { LineScanner } from './line-scanner.ts';
import { PlainScanner } from './plain-scanner.ts';
import { compileScanner, type ScannerModule, WasmScanner } from './wasm-scanner.ts';

/** Built from `assembly/` by `npm run build:scanner`. */
const BUILT = new URL('./scanner.wasm', import.meta.url);

let compiled: ScannerModule | 'none' | undefined;

/** The module, compiled once; none where it was not built or the runtime can not run it. */
function scannerModule(): ScannerModule | undefined {
  if (compiled === undefined) {
    try {
      compiled = compileScanner(readFileSync(BUILT)) ?? 'none';
    } catch {
      compiled = 'none';
    }
  }
  return compiled === 'none' ? undefined : compiled;
}

/**
 * A scanner of its own for one source: in WebAssembly where that was built and there is memory for it, else in plain
 * JavaScript, which finds the same and takes longer.
 */
export function openScanner(): LineScanner {
  const module = scannerModule();
  try {
    return module === undefined ? new PlainScanner() : new WasmScanner(module);
  } catch {
    return new PlainScanner();
  }
}
