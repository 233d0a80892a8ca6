import { describe, expect, test } from 'vitest';
import { bulkhead } from '../../support/cli.ts';
import { serve } from '../../support/serving.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { only } from '../../unit/deploy/plain-manifests.ts';

const FOLDER = new URL('../../../deploy/manifests', import.meta.url).pathname;
const TOKEN = 'a token of more than sixteen characters'.replaceAll(' ', '-');

interface Deployment {
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { args: readonly string[] }[] } };
  };
}

const [{ args = [] } = {}] = only<Deployment>('Deployment').spec.template.spec.containers;

describe('our own commands on our own manifests', () => {
  test('lint finds nothing that deserves a warning', async () => {
    const { code, out } = await bulkhead(['lint', FOLDER, '--fail-on', 'warning'], { cwd: tempFolder() });
    expect(out).toMatch(/\b0 errors, 0 warnings\b/);
    expect(code).toBe(0);
  });

  test('connections reads all of them', async () => {
    const { code, out } = await bulkhead(['connections', FOLDER, '--strict'], { cwd: tempFolder() });
    expect(out).toContain('bulkhead/bulkhead[Deployment] => 10.0.0.0/8[external] : TCP 443,6443\n');
    expect(code).toBe(0);
  });
});

describe('the flags the pod is started with', () => {
  test('are all known to `bulkhead serve`', async () => {
    const [command = '', ...flags] = args;
    const { out } = await bulkhead([command, '--help'], { cwd: tempFolder() });
    const known = new Set([...out.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag]) => flag));
    expect(flags.map((flag) => flag.split('=')[0]).filter((flag) => !known.has(flag))).toEqual([]);
  });

  /** As in a cluster whose relay is not there yet; what needs an API server, a port and a folder of the pod is left out. */
  const elsewhere = args
    .slice(1)
    .filter((flag) => !/^--(?:in-cluster|port|data)\b/.test(flag))
    .map((flag) => flag.replace('$(POD_IP)', '127.0.0.2').replace(/^--hubble=.*/, '--hubble=127.0.0.1:1'));

  test('make it answer the probes by address before there is any flow, and show nothing to who has no token', async () => {
    const serving = await serve(elsewhere, tempFolder(), { BULKHEAD_TOKEN: TOKEN });
    try {
      const port = new URL(serving.address).port;
      const answer = async (path: string, headers: Readonly<Record<string, string>> = {}) =>
        (await fetch(`http://127.0.0.2:${port}${path}`, { headers })).status;
      expect(await answer('/healthz')).toBe(200);
      expect(await answer('/metrics')).toBe(401);
      expect(await answer('/metrics', { authorization: `Bearer ${TOKEN}` })).toBe(200);
      const other = await fetch(`http://127.0.0.3:${port}/healthz`);
      expect(other.status).toBe(421);
    } finally {
      await serving.stop();
    }
  });

  test('are refused without the token, so that a pod without its secret shows nothing', async () => {
    await expect(serve(elsewhere, tempFolder(), { BULKHEAD_TOKEN: '' })).rejects.toThrow('BULKHEAD_TOKEN');
  });
});
