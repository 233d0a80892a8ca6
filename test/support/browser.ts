import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

function onPath(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** A Chromium to drive: named by BULKHEAD_CHROMIUM, else the system's. */
const executablePath = process.env['BULKHEAD_CHROMIUM'] ?? onPath('chromium') ?? onPath('google-chrome');

export const hasBrowser = executablePath !== undefined;
if (!hasBrowser && process.env['CI'] === 'true') throw new Error('CI needs a Chromium on the PATH');

/** Appended to a suite's name, so that a skip says why. */
export const skippedWithoutBrowser = hasBrowser
  ? ''
  : ' (skipped: no Chromium on the PATH; install it, or name one in BULKHEAD_CHROMIUM)';

/** Starts a headless browser that asks nobody outside this machine for anything. */
export function launchBrowser(): Promise<Browser> {
  if (executablePath === undefined) throw new Error('no Chromium');
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({
    executablePath,
    args: [
      ...(isRoot ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
