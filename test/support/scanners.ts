import { join } from 'node:path';
import asc from 'assemblyscript/asc';
import type { LineDecoder } from '../../collector/sources/hubble/scan/decode-line.ts';
import type { LineScanner } from '../../collector/sources/hubble/scan/line-scanner.ts';
import { PlainScanner } from '../../collector/sources/hubble/scan/plain-scanner.ts';
import {
  compileScanner,
  type ScannerModule,
  WasmScanner,
} from '../../collector/sources/hubble/scan/wasm-scanner.ts';

const CONFIG = join(import.meta.dirname, '../../collector/sources/hubble/scan/assembly/asconfig.json');

/** The scanner compiled from its source as it is now, whatever was built before. */
async function compiledFromSource(): Promise<ScannerModule> {
  let bytes: Uint8Array | undefined;
  const { error, stderr } = await asc.main(['--config', CONFIG], {
    writeFile: (name, contents) => {
      if (name.endsWith('.wasm') && typeof contents !== 'string') bytes = contents;
    },
  });
  const module = bytes === undefined ? undefined : compileScanner(bytes);
  if (module === undefined)
    throw new Error(`the scanner does not compile: ${error ?? ''} ${stderr.toString()}`);
  return module;
}

/** Both scanners, by name. */
export async function scanners(): Promise<readonly (readonly [name: string, make: () => LineScanner])[]> {
  const module = await compiledFromSource();
  return [
    ['in plain JavaScript', () => new PlainScanner()],
    ['in WebAssembly', () => new WasmScanner(module)],
  ];
}

/** What a decoder makes of one line, which stands between others as it does in an export. */
export function decodeText(decoder: LineDecoder, text: string | Uint8Array) {
  const line = Buffer.from(text);
  const bytes = Buffer.concat([Buffer.from('{"flow":\n'), line, Buffer.from('\n"}]}')]);
  return decoder.decode(bytes, 9, 9 + line.length);
}
