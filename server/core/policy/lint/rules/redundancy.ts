import { type Bits, isNobody } from '../../fast/bits.ts';
import type { PeerTerm } from '../../fast/peer-term.ts';
import { peerCovers, portsCover, selectorCovers } from '../covers.ts';
import type { Draft, LintRule } from '../lint-rule.ts';
import type { LintWorld } from '../lint-world.ts';
import type { ReadPeer, ReadRule } from '../read-policy.ts';

/** Most comparisons of two rules; beyond, rules are not compared and that is said. */
const MOST_COMPARISONS = 20_000_000;
/** Most peers of one rule that are compared with each other. */
const MOST_PEERS = 2000;

const ANYONE: readonly PeerTerm[] = [{ kind: 'anyone' }];

const termsOf = ({ isForAnyone, peers }: ReadRule): readonly PeerTerm[] =>
  isForAnyone ? ANYONE : peers.flatMap(({ term }) => term ?? []);

/** Asked millions of times, so it makes no set of its own and ends at the first word that tells. */
function isWithin(inner: Bits, outer: Bits): boolean {
  for (let word = 0; word < inner.length; word += 1) {
    if (((inner[word] ?? 0) & ~(outer[word] ?? 0)) !== 0) return false;
  }
  return true;
}

/** A rule with all that is compared, read once. */
interface Compared {
  readonly rule: ReadRule;
  /** Its place among those it is compared with. */
  readonly at: number;
  readonly terms: readonly PeerTerm[];
}

function isEveryPeer(
  wide: Compared,
  narrow: Compared,
  covers: (a: PeerTerm, b: PeerTerm) => boolean,
): boolean {
  return (
    narrow.terms.length > 0 && narrow.terms.every((term) => wide.terms.some((each) => covers(each, term)))
  );
}

/** Read off the text: it holds for whatever pods there will ever be. */
const coversByText = (wide: Compared, narrow: Compared): boolean =>
  selectorCovers(wide.rule.policy.subject, narrow.rule.policy.subject) &&
  isEveryPeer(wide, narrow, peerCovers);

/** Held against the pods that are there. A rule about nobody is another finding. */
function coversByPods(world: LintWorld, wide: Compared, narrow: Compared): boolean {
  const subjects = world.subjectsOf(narrow.rule.policy);
  if (!isWithin(subjects, world.subjectsOf(wide.rule.policy)) || isNobody(subjects)) return false;
  return isEveryPeer(wide, narrow, (a, b) => {
    if (a.kind !== 'pods' || b.kind !== 'pods') return peerCovers(a, b);
    // A selector that means nodes as well means more than the pods show.
    if (world.meansNodes(b.namespaces)) return false;
    const meant = world.peersOf(b);
    return !isNobody(meant) && isWithin(meant, world.peersOf(a));
  });
}

function hasPortsOf({ rule: wide }: Compared, { rule: narrow }: Compared): boolean {
  if (wide.portTerm === undefined || narrow.portTerm === undefined) return false;
  return portsCover(wide.portTerm, narrow.portTerm);
}

type Proof = 'text' | 'pods';

function proofOf(world: LintWorld, wide: Compared, narrow: Compared): Proof | undefined {
  if (!hasPortsOf(wide, narrow)) return undefined;
  if (coversByText(wide, narrow)) return 'text';
  return world.hasWorkloads && coversByPods(world, wide, narrow) ? 'pods' : undefined;
}

interface Cover {
  readonly wide: Compared;
  readonly proof: Proof;
}

/** Of two rules that say the same the first one stays; one that covers by its text is never the superfluous one. */
function isToBlame(world: LintWorld, { wide, proof }: Cover, narrow: Compared): boolean {
  const isEarlier = wide.at < narrow.at;
  if (!hasPortsOf(narrow, wide)) return true;
  if (coversByText(narrow, wide)) return proof === 'text' && isEarlier;
  return proof === 'text' || isEarlier || !coversByPods(world, narrow, wide);
}

function draftOf({ rule: narrow }: Compared, { rule: wide }: Compared, proof: Proof): Draft {
  const isSamePolicy = wide.policy === narrow.policy;
  const by = isSamePolicy ? wide.field : `${wide.policy.name} ${wide.field}`;
  const how =
    proof === 'text'
      ? 'read off the two rules, so it holds for whatever pods there will be'
      : 'held against the pods that are here; it may change when others come';
  return {
    about: narrow.policy,
    field: narrow.field,
    severity: isSamePolicy && proof === 'text' ? 'warning' : 'info',
    what: `everything it allows is allowed by ${by} too (${how})`,
    fix: isSamePolicy
      ? 'Delete it, or narrow the wider rule if this one is what was meant.'
      : 'Keep it if the other policy belongs to somebody else; else delete it, or narrow the other one.',
  };
}

function redundantIn(
  world: LintWorld,
  rules: readonly ReadRule[],
  budget: { left: number },
): readonly Draft[] {
  const all = rules.map((rule, at) => ({ rule, at, terms: termsOf(rule) }));
  const drafts: Draft[] = [];
  for (const narrow of all) {
    budget.left -= all.length;
    if (budget.left < 0) return drafts;
    const found = firstCover(world, narrow, all);
    if (found !== undefined) drafts.push(draftOf(narrow, found.wide, found.proof));
  }
  return drafts;
}

/** A cover that its text proves before one that the pods show. */
function firstCover(world: LintWorld, narrow: Compared, all: readonly Compared[]): Cover | undefined {
  let found: Cover | undefined;
  for (const wide of all) {
    if (wide === narrow) continue;
    const proof = proofOf(world, wide, narrow);
    if (proof === undefined || (found !== undefined && proof === 'pods')) continue;
    if (!isToBlame(world, { wide, proof }, narrow)) continue;
    found = { wide, proof };
    if (proof === 'text' && wide.rule.policy === narrow.rule.policy) return found;
  }
  return found;
}

/** A rule that allows nothing of its own. Grows with the square of the rules of one namespace and direction. */
export const ruleRedundant: LintRule = {
  id: 'rule-redundant',
  severity: 'warning',
  needs: 'policies',
  title: 'rule that another rule covers',
  why: 'Rules only ever add up: beside a wider one a narrower one changes nothing, and whoever tightens it is deceived.',
  check: (world) => {
    const budget = { left: MOST_COMPARISONS };
    const groups = new Map<string, ReadRule[]>();
    for (const rule of world.rules) {
      const key = `${rule.direction} ${rule.policy.namespace}`;
      const group = groups.get(key) ?? [];
      groups.set(key, group);
      group.push(rule);
    }
    const drafts = [...groups.values()].flatMap((rules) => redundantIn(world, rules, budget));
    if (budget.left < 0)
      world.notes.add('there are too many rules in one namespace to compare all of them (rule-redundant)');
    return drafts;
  },
};

function redundantPeer(peers: readonly ReadPeer[], peer: ReadPeer, at: number): ReadPeer | undefined {
  return peers.find((other, index) => {
    if (other === peer || other.term === undefined || peer.term === undefined) return false;
    if (!peerCovers(other.term, peer.term)) return false;
    return !peerCovers(peer.term, other.term) || index < at;
  });
}

/** A peer that allows nothing of its own. */
export const peerRedundant: LintRule = {
  id: 'peer-redundant',
  severity: 'warning',
  needs: 'policies',
  title: 'peer that another peer of the rule covers',
  why: 'Entries of from and to are alternatives: beside a wider one a narrower one changes nothing, and suggests a limit that is not there.',
  check: (world) =>
    world.rules.flatMap((rule) => {
      const peers = rule.peers.slice(0, MOST_PEERS);
      if (rule.peers.length > MOST_PEERS)
        world.notes.add(`only the first ${MOST_PEERS} peers of a rule are compared (peer-redundant)`);
      return peers.flatMap((peer, at): readonly Draft[] => {
        const other = redundantPeer(peers, peer, at);
        if (other === undefined) return [];
        return [
          {
            about: rule.policy,
            field: peer.field,
            what: `whoever it means is meant by ${other.field} too`,
            fix: 'Delete it, or narrow the wider entry if this one is what was meant.',
          },
        ];
      });
    }),
};
