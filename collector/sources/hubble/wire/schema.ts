import protobuf, { type Root, type Service, type Type } from 'protobufjs/light.js';
import { FLOW_PACKAGE } from './schema-flow.ts';
import {
  EVENT_TYPE_FILTER,
  FLOW_FILTER,
  GOOGLE_PACKAGE,
  HEALTH_PACKAGE,
  OBSERVER_PACKAGE,
  RELAY_PACKAGE,
} from './schema-observer.ts';

/*
 * The Observer protocol of Cilium 1.19 in our own words: names and numbers are the protocol
 * (https://docs.cilium.io/en/stable/_api/v1/flow/README/), the rest is ours. proto3 throughout: no field is required,
 * zero is absent, a number that a set does not name is kept.
 */

let root: Root | undefined;

/** The whole protocol: packages `flow`, `relay`, `observer`, `grpc.health.v1` and what they use. Made once. */
export function observerRoot(): Root {
  if (root !== undefined) return root;
  root = protobuf.Root.fromJSON({
    nested: {
      google: { nested: { protobuf: GOOGLE_PACKAGE } },
      flow: {
        nested: { ...FLOW_PACKAGE.nested, FlowFilter: FLOW_FILTER, EventTypeFilter: EVENT_TYPE_FILTER },
      },
      relay: RELAY_PACKAGE,
      observer: OBSERVER_PACKAGE,
      grpc: { nested: { health: { nested: { v1: HEALTH_PACKAGE } } } },
    },
  });
  root.resolveAll();
  return root;
}

/** A message of the protocol by its full name, as in `observer.GetFlowsRequest`; throws when there is none. */
export const messageType = (fullName: string): Type => observerRoot().lookupType(fullName);

/** `observer.Observer` or `grpc.health.v1.Health`; throws for another name. */
export const serviceType = (fullName: string): Service => observerRoot().lookupService(fullName);
