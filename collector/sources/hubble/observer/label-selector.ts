import { PatternError } from './filter-patterns.ts';

/** A label as Cilium writes it, `source:key=value`; the source may be missing. */
interface Label {
  readonly source: string;
  readonly key: string;
  readonly value: string;
}

function labelOf(text: string): Label {
  const equals = text.indexOf('=');
  const name = equals === -1 ? text : text.slice(0, equals);
  const colon = name.indexOf(':');
  return {
    source: colon === -1 ? '' : name.slice(0, colon),
    key: name.slice(colon + 1),
    value: equals === -1 ? '' : text.slice(equals + 1),
  };
}

type Requirement = (labels: readonly Label[]) => boolean;

const KEY = /^(?:[A-Za-z0-9_-]{1,63}:)?[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,315}[A-Za-z0-9])?$/;
const VALUE = /^[A-Za-z0-9]?(?:[A-Za-z0-9._:/-]{0,253}[A-Za-z0-9])?$/;

/** The values of a key; `any:` and no source at all take it from every source. */
function valuesOf(wanted: string): (labels: readonly Label[]) => readonly string[] {
  if (!KEY.test(wanted)) throw new PatternError(`${wanted} is no label key`);
  const { source, key } = labelOf(wanted);
  const isAny = source === '' || source === 'any';
  return (labels) =>
    labels.filter((label) => label.key === key && (isAny || label.source === source)).map((l) => l.value);
}

const checkedValue = (text: string): string => {
  const value = text.trim();
  if (!VALUE.test(value)) throw new PatternError(`${value} is no label value`);
  return value;
};

const SET = /^([^\s(),!=]+)\s+(in|notin)\s*\(([^()]*)\)$/;
const EQUALITY = /^([^\s(),!=]+)\s*(==|=|!=)\s*([^\s(),!=]*)$/;
const EXISTENCE = /^(!?)\s*([^\s(),!=]+)$/;

/** One requirement; `!=` and `notin` are also met where the key is absent, as in Kubernetes. */
function requirementOf(text: string): Requirement {
  const set = SET.exec(text);
  const equality = EQUALITY.exec(text);
  const existence = EXISTENCE.exec(text);
  if (set !== null || equality !== null) {
    const [, key = '', operator = '', list = ''] = set ?? equality ?? [];
    const of = valuesOf(key);
    const wanted = new Set((set === null ? [list] : list.split(',')).map(checkedValue));
    const isNegated = operator === '!=' || operator === 'notin';
    return (labels) => of(labels).some((value) => wanted.has(value)) !== isNegated;
  }
  if (existence === null) throw new PatternError(`${text} is no label requirement`);
  const [, bang, key = ''] = existence;
  const of = valuesOf(key);
  return (labels) => of(labels).length > 0 === (bang === '');
}

/** Splits at commas outside of parentheses. */
function requirementTexts(selector: string): readonly string[] {
  const texts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < selector.length; i += 1) {
    const character = selector[i];
    if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    else if (character === ',' && depth === 0) {
      texts.push(selector.slice(from, i));
      from = i + 1;
    }
  }
  texts.push(selector.slice(from));
  return texts.map((text) => text.trim());
}

/**
 * Reads a selector in Kubernetes' syntax (`app=web,tier in (a, b),!legacy`) whose keys may carry Cilium's source
 * (`k8s:app`). An empty one selects everything. Throws a {@link PatternError}.
 */
export function labelSelector(selector: string): (labels: readonly string[]) => boolean {
  if (selector.trim() === '') return () => true;
  const requirements = requirementTexts(selector).map(requirementOf);
  return (labels) => {
    const known = labels.map(labelOf);
    return requirements.every((isMet) => isMet(known));
  };
}
