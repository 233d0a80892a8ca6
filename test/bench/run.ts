import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureCertificates, renderCertificates } from './certificate.ts';
import { measureConnections, renderConnections } from './connections.ts';
import { measureGrowth, measureReading, renderGrowth, renderReading } from './files.ts';
import { machine, machineLine } from './machine.ts';
import { measurePaths, renderPath } from './path.ts';
import { measurePolicyMatrix, renderPolicyMatrix } from './policy-matrix.ts';
import { measureReceive, renderReceive } from './receive.ts';
import { measureWire, renderWire } from './wire.ts';

/**
 * `npm run bench`: what a flow costs from the bytes of an export to the graph, part by part, beside plain
 * `JSON.parse`. Data comes from the simulator; temporary files are removed at the end.
 */
const HELP = `Usage: npm run bench -- [--json] [--help]

Prints flows per CPU-second through each part of the path, next to plain JSON.parse of the same lines in the same
run; protobuf messages decoded and taken to edges, next to protobufjs; flows received over gRPC, next to grpc-js; reading of plain and packed files; growth with
the size of the input; the time a certificate takes; the fast policy engine beside the literal one; and lists of who
may talk to whom.
Times are CPU time of the process (all threads), the median of several rounds. Takes about two minutes.

  --json  print one JSON document instead of tables
  --help  print this
`;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { json: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help === true) {
    process.stdout.write(HELP);
    return;
  }
  const print = (text: string): void => {
    if (values.json !== true) process.stdout.write(`${text}\n`);
  };
  print(`${machineLine()}\n`);
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-bench-'));
  try {
    const paths = await measurePaths((result) => print(renderPath(result)));
    const wire = await measureWire();
    print(renderWire(wire));
    const received = await measureReceive();
    print(renderReceive(received));
    const reading = await measureReading(folder);
    print(renderReading(reading));
    const growth = await measureGrowth(folder);
    print(renderGrowth(growth));
    const certificates = measureCertificates();
    print(renderCertificates(certificates));
    const policies = await measurePolicyMatrix();
    print(renderPolicyMatrix(policies));
    const connections = await measureConnections();
    print(renderConnections(connections));
    const all = {
      machine: machine(),
      paths,
      wire,
      received,
      reading,
      growth,
      certificates,
      policies,
      connections,
    };
    if (values.json === true) process.stdout.write(`${JSON.stringify(all, undefined, 2)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
