import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const CHART = join(import.meta.dirname, '../helm/bulkhead');

/** One file of plain manifests, and how the chart makes it. */
export interface PlainManifest {
  /** Its name in this folder. */
  readonly file: string;
  readonly about: string;
  readonly values: readonly string[];
  /** Documents of this kind alone; all of them where it is absent. */
  readonly kind?: string;
}

/** What this folder holds. */
export const PLAIN_MANIFESTS: readonly PlainManifest[] = [
  {
    file: 'bulkhead.yaml',
    about: 'Bulkhead in a namespace of its own, with the default values of the chart.',
    values: ['createNamespace=true'],
  },
  {
    file: 'cilium-api-server.yaml',
    about: 'Under Cilium, beside bulkhead.yaml: no CIDR of a NetworkPolicy matches the API server there.',
    values: ['networkPolicy.apiServer.cilium=always'],
    kind: 'CiliumNetworkPolicy',
  },
];

/** Every file of the chart that decides what is rendered; sorted paths below the chart. */
const chartFiles = (): readonly string[] =>
  readdirSync(CHART, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /^(?:Chart|values)\.yaml$|^templates\/.+\.(?:yaml|tpl)$/.test(path))
    .sort();

/** SHA-256 of the chart, as lower-case hexadecimal: who has no Helm can still see that a rendering is out of date. */
export function chartHash(): string {
  const hash = createHash('sha256');
  for (const path of chartFiles()) hash.update(`${path}\0${readFileSync(join(CHART, path), 'utf8')}\0`);
  return hash.digest('hex');
}

/** Labels that speak about Helm, and where a document came from: none of it is true of plain manifests. */
const ABOUT_HELM = /^(?: *(?:helm\.sh\/chart|app\.kubernetes\.io\/managed-by):|# Source: )/;

const isOfKind = (document: string, kind: string | undefined): boolean =>
  kind === undefined || document.split('\n').includes(`kind: ${kind}`);

/** The text of one file. `helm` is the command to run; throws when it fails. */
export function renderManifest({ about, values, kind }: PlainManifest, helm: string): string {
  const argv = ['template', 'bulkhead', CHART, '--namespace', 'bulkhead'];
  const sets = values.flatMap((value) => ['--set', value]);
  const rendered = execFileSync(helm, [...argv, ...sets], { encoding: 'utf8' });
  const documents = rendered
    .split(/^---$/m)
    .map((document) =>
      document
        .split('\n')
        .filter((line) => line.trim() !== '' && !ABOUT_HELM.test(line))
        .join('\n'),
    )
    .filter((document) => document !== '' && isOfKind(document, kind));
  const head = `# ${about}\n# Rendered from deploy/helm/bulkhead by deploy/manifests/render.ts; change the chart, not this file.\n# chart-sha256: ${chartHash()}\n`;
  return `${head}---\n${documents.join('\n---\n')}\n`;
}

if (import.meta.main) {
  const [helm = 'helm'] = process.argv.slice(2);
  for (const manifest of PLAIN_MANIFESTS)
    writeFileSync(join(import.meta.dirname, manifest.file), renderManifest(manifest, helm));
}
