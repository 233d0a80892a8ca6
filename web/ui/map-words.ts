import { counted } from '../model/format.ts';
import type { Scene } from '../model/scene.ts';
import type { AppState } from './store.ts';
import { strings } from './strings.ts';
import { pageStrings } from './strings-pages.ts';
import { endName, groupName, linePorts, nodeName, trafficWords } from './words.ts';

/** Lines of the tooltip of what is under the pointer; the first is its full name. */
export function describeOnMap(
  { scene, graph }: AppState,
  role: 'vertex' | 'group' | 'line',
  id: string,
): readonly string[] {
  if (scene === undefined || graph === undefined) return [];
  if (role === 'group') return describeGroup(scene, id);
  if (role === 'vertex') return describeVertex(scene, id);
  const line = scene.picture.lines.find((drawn) => drawn.id === id);
  if (line === undefined) return [];
  const [from, to] = [line.from, line.to].map((end) => endName(end, scene.membership, graph.nodesById));
  return [
    `${from} → ${to}`,
    `${linePorts(line)} · ${trafficWords(line.sums)}`,
    strings.meaning[line.meaning] + (line.sums.newEdges > 0 ? ` · ${strings.meaning.new}` : ''),
  ];
}

function describeGroup(scene: Scene, id: string): readonly string[] {
  const drawn = scene.picture.groups.find(({ group }) => group.id === id);
  if (drawn === undefined) return [];
  const noun = drawn.group.kind === 'namespace' ? 'workload' : 'peer';
  const findings = drawn.findings > 0 ? [counted(drawn.findings, 'open finding')] : [];
  return [
    groupName(drawn.group),
    strings.map.groupFacts(drawn.members, drawn.insideEdges, noun),
    ...findings,
  ];
}

function describeVertex(scene: Scene, id: string): readonly string[] {
  const drawn = scene.picture.vertices.find((vertex) => vertex.id === id);
  if (drawn?.node === undefined) return drawn === undefined ? [] : [strings.map.rest(drawn.stands)];
  const { node } = drawn;
  if (node.kind !== 'workload') return [nodeName(node), node.kind];
  const { isolation, isolations } = pageStrings.vertex;
  return [
    nodeName(node),
    `${node.workloadKind ?? ''} · ${counted(node.pods, 'pod')}`,
    `${isolation} ${isolations[node.isolation]}`,
    ...(drawn.findings > 0 ? [counted(drawn.findings, 'open finding')] : []),
  ];
}
