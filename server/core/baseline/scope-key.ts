import { sortedText } from '#core/order.ts';
import { canonicalJson } from './canonical-json.ts';
import type { Scope } from './training-window.ts';

/** Names a scope uniquely and stably; the order in which it lists its members does not matter. */
export const scopeKey = (scope: Scope): string =>
  canonicalJson({
    cluster: scope.cluster,
    namespaces: sortedText(scope.namespaces),
    workloads: sortedText(scope.workloads),
  });
