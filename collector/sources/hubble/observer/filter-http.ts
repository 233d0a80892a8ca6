import { clientRegExp, PatternError } from './filter-patterns.ts';
import type { EventTypeMessage, FilterMessage, FlowMessage, Layer7Message } from './messages.ts';

type Predicate = (flow: FlowMessage) => boolean;
type HttpMessage = NonNullable<Layer7Message['http']>;

/** Cilium's monitor message type of what a proxy saw. */
const ACCESS_LOG = 129;

const onHttp =
  (isMatch: (http: HttpMessage) => boolean): Predicate =>
  ({ l7 }) =>
    l7?.http != null && isMatch(l7.http);

const FULL_CODE = /^[1-5]\d{2}$/;
const CODE_PREFIX = /^[1-5]\d?\+$/;

/** `404`, or `4+` and `40+` for all that begin so. */
function codePattern(pattern: string): (code: string) => boolean {
  if (FULL_CODE.test(pattern)) return (code) => code === pattern;
  if (!CODE_PREFIX.test(pattern)) throw new PatternError(`${pattern} is no HTTP status code or prefix`);
  return (code) => code.startsWith(pattern.slice(0, -1));
}

/** The path of a URL, absolute or not; undefined when there is none. */
const pathOf = (url: string): string | undefined => {
  try {
    return decodeURIComponent(new URL(url, 'http://host.invalid').pathname);
  } catch {
    return undefined;
  }
};

/** Fields about HTTP go with no event type but that of access logs. */
function checkEventTypes(types: readonly EventTypeMessage[], field: string): void {
  if (types.length > 0 && !types.some(({ type }) => type === ACCESS_LOG)) {
    throw new PatternError(`filtering by ${field} needs an event type filter that admits l7 events`);
  }
}

const BUILDERS = {
  http_status_code: ({ http_status_code }: FilterMessage): Predicate => {
    const codes = http_status_code.map(codePattern);
    return onHttp(({ code }) => code !== 0 && codes.some((isCode) => isCode(String(code).padStart(3, '0'))));
  },
  http_method: ({ http_method }: FilterMessage): Predicate => {
    const methods = new Set(http_method.map((method) => method.toUpperCase()));
    return onHttp(({ method }) => method !== '' && methods.has(method.toUpperCase()));
  },
  http_path: ({ http_path }: FilterMessage): Predicate => {
    const paths = http_path.map(clientRegExp);
    return onHttp(({ url }) => {
      const path = url === '' ? undefined : pathOf(url);
      return path !== undefined && paths.some((isMatch) => isMatch(path));
    });
  },
  http_url: ({ http_url }: FilterMessage): Predicate => {
    const urls = http_url.map(clientRegExp);
    return onHttp(({ url }) => url !== '' && urls.some((isMatch) => isMatch(url)));
  },
  http_header: ({ http_header }: FilterMessage): Predicate =>
    onHttp(({ headers }) =>
      headers.some((header) =>
        http_header.some(
          ({ key, value }) => (key === '' || key === header.key) && (value === '' || value === header.value),
        ),
      ),
    ),
} as const;

/** The predicates for what a filter says about HTTP. Throws a {@link PatternError}. */
export function httpPredicates(filter: FilterMessage): readonly Predicate[] {
  const predicates: Predicate[] = [];
  for (const [field, build] of Object.entries(BUILDERS)) {
    if (filter[field as keyof typeof BUILDERS].length === 0) continue;
    checkEventTypes(filter.event_type, field);
    predicates.push(build(filter));
  }
  return predicates;
}
