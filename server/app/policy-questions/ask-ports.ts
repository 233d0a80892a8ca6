import { listPorts } from '#core/policy/ports/list-ports.ts';
import { ok, type Result } from '#core/result.ts';
import { filteredPorts, portsAnswer } from './answers/ports.ts';
import { Cuts } from './cuts.ts';
import type { Ground, SeenGround } from './ground.ts';
import type { Answered, PortsQuestion, QuestionFailure } from './question.ts';

/** Every way to a port of pods, who gets through it, and whether anybody was seen to. */
export function askPorts(
  question: PortsQuestion,
  ground: Ground,
  seen: SeenGround,
): Result<Answered, QuestionFailure> {
  const { policies, unused, exposed, limit } = question;
  const selected = ground.select(policies, seen, 'policies');
  if (!selected.ok) return selected;
  const found = ground.asked(selected.value, seen, question.profile);
  if (!found.ok) return found;
  const asked = found.value;
  const { model, profile, reading, cluster } = asked;
  const flows = reading && { edges: reading.whole.edges.values(), cluster };
  const report = listPorts({ model, profile, flows });
  const filter = { namespaces: new Set<string>(question.namespaces), unused, exposed };
  const filtered = filteredPorts(report, filter);
  const cuts = new Cuts(limit);
  const ports = cuts.take('ports', filtered.ports);
  const deadEnds = cuts.take('deadEnds', filtered.deadEnds);
  return ok({
    lists: cuts.lists,
    answer: portsAnswer({ asked, ports, deadEnds, total: report.ports.length }),
  });
}
