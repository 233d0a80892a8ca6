import { createHash } from 'node:crypto';
import { learnBaseline } from '#core/baseline/learn.ts';
import { GraphBuilder } from '#core/graph/graph-builder.ts';
import { recheck } from '#core/policy/certify/recheck.ts';
import { propose } from '#core/policy/generate/propose.ts';
import { CILIUM_PROFILE } from '#core/policy/literal/profiles.ts';
import { collectExports } from '../../../collector/main.ts';
import { renderKustomization, renderPolicy } from '../manifests/render-policy.ts';
import { renderReport } from '../manifests/render-report.ts';
import { exportProposal } from './export-proposal.ts';
import { readExport } from './read-export.ts';

const hash = (t: string) => createHash('sha256').update(t).digest('hex');
const [out, ...inputs] = process.argv.slice(2);
const b = new GraphBuilder();
const c: any = await collectExports({ inputs }, (w: any) => b.apply(w));
const graph = b.snapshot();
const cluster = c.world.pods[0]?.cluster ?? 'default';
const span = graph.span ?? { from: 0, until: 1 };
const base = learnBaseline({
  graph,
  world: c.world,
  coverage: c.coverage,
  scope: { cluster, namespaces: [], workloads: [] },
  window: { from: span.from, until: span.until + 1 },
  hash,
  version: 1,
});
const p = propose(base, { toolVersion: '0', profile: CILIUM_PROFILE, hash });
const r = await exportProposal(p, {
  dir: out!,
  hash,
  renderers: { renderPolicy, renderKustomization, renderReport },
  handEdited: 'keep',
  stale: 'keep',
});
console.log(
  r.ok ? Object.fromEntries(Object.entries(r.value).map(([k, v]) => [k, v.length])) : r,
  p.certificate.totals,
);
const back = await readExport(out!);
if (!back.ok) console.log(back);
else {
  console.log(back.value.failures, back.value.otherKinds);
  console.log(
    recheck({ certificate: back.value.certificate, policies: back.value.policies, hash }).findings.slice(
      0,
      5,
    ),
  );
}
