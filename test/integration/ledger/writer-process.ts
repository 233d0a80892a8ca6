import { openLedger } from '../../../server/adapters/store/sqlite/open-ledger.ts';

/** Writes one baseline version after another, and says each number once the ledger has acknowledged it. */
const [path = '', scope = 'all'] = process.argv.slice(2);
const opened = await openLedger(path);
if (!opened.ok) throw new Error(opened.error.code);
for (let version = 1; ; version += 1) {
  const change = { actor: 'writer', reason: 'It is told to.', at: version };
  const baseline = {
    id: `id-${version}`,
    scope,
    version,
    content: { text: 'x'.repeat(2000), version },
  };
  const appended = await opened.value.baselines.append(baseline, change);
  if (!appended.ok) throw new Error(appended.error.code);
  process.stdout.write(`${version}\n`);
}
