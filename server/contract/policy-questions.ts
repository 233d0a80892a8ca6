import { z } from 'zod';

/** What may be asked about policies: JSON in, and the answers of `policy-answers.ts` out. Nothing of it changes anything. */

/** Most bytes of the body of a question, and so of policies that are sent along. */
export const MOST_QUESTION_BYTES = 2 * 1024 * 1024;

const NAMESPACE = z.string().regex(/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/);
const NETWORK = z.enum(['kubernetes', 'cilium', 'calico', 'ovn-kubernetes', 'aws-vpc-cni']);
const PROTOCOL = z.enum(['TCP', 'UDP', 'SCTP']);
const PORT = z.int().min(1).max(65_535);
const END = z.string().min(1).max(512);

/** Whose policies a question is about: the server's own, the proposal's, none, or those sent along. */
export const PolicySource = z
  .discriminatedUnion('from', [
    z.strictObject({ from: z.literal('current') }),
    z.strictObject({ from: z.literal('proposal'), id: z.string().max(256).optional() }),
    z.strictObject({ from: z.literal('none') }),
    z.strictObject({ from: z.literal('manifests'), text: z.string().max(MOST_QUESTION_BYTES) }),
  ])
  .meta({ id: 'PolicySource' });
export type PolicySource = z.infer<typeof PolicySource>;

const ASKED = {
  profile: NETWORK.optional(),
  /** Most items of each long list of the answer; `lists` says how many there are. */
  limit: z.int().min(1).max(10_000).default(1000),
};
const NAMESPACES = z.array(NAMESPACE).max(100).default([]);

export const ConnectionsQuestion = z
  .strictObject({
    policies: PolicySource,
    ...ASKED,
    namespaces: NAMESPACES,
    compare: z.union([NETWORK, z.literal('all')]).optional(),
  })
  .meta({ id: 'ConnectionsQuestion' });

export const ExplainQuestion = z
  .strictObject({
    policies: PolicySource,
    ...ASKED,
    /** As `shop/cart`, `shop/cart[Deployment]`, `shop/cart-0`, an address, a CIDR, or an entity such as `world`. */
    from: END,
    to: END,
    port: PORT,
    protocol: PROTOCOL.default('TCP'),
  })
  .meta({ id: 'ExplainQuestion' });

export const ReplayQuestion = z
  .strictObject({ policies: PolicySource, ...ASKED, namespaces: NAMESPACES })
  .meta({ id: 'ReplayQuestion' });

export const DiffQuestion = z
  .strictObject({ old: PolicySource, new: PolicySource, ...ASKED, namespaces: NAMESPACES })
  .meta({ id: 'DiffQuestion' });

export const AssertQuestion = z
  .strictObject({
    policies: PolicySource,
    ...ASKED,
    /** A file of segments and assertions about them, as YAML or JSON text. */
    segments: z
      .string()
      .min(1)
      .max(256 * 1024),
  })
  .meta({ id: 'AssertQuestion' });

const SEVERITY = z.enum(['error', 'warning', 'info']);

export const LintQuestion = z
  .strictObject({
    policies: PolicySource,
    ...ASKED,
    minSeverity: SEVERITY.default('warning'),
    /** Rules that speak with another voice than their own, or not at all. */
    rules: z
      .array(
        z.strictObject({
          rule: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
          voice: z.enum(['off', ...SEVERITY.options]),
        }),
      )
      .max(200)
      .default([]),
  })
  .meta({ id: 'LintQuestion' });

export const PortsQuestion = z
  .strictObject({
    policies: PolicySource,
    ...ASKED,
    namespaces: NAMESPACES,
    unused: z.boolean().default(false),
    exposed: z.enum(['internet', 'cluster']).optional(),
  })
  .meta({ id: 'PortsQuestion' });

export const BlastQuestion = z
  .strictObject({
    policies: PolicySource,
    ...ASKED,
    /** Without one, all workloads are ranked. */
    workload: END.optional(),
    /** Policies to compare with, taken alone. */
    proposal: PolicySource.optional(),
    /** Workloads, or `label=value` of their pods. */
    crownJewels: z.array(END).max(50).default([]),
    hops: z.int().min(1).max(20).default(3),
  })
  .meta({ id: 'BlastQuestion' });

/** A list and no record: a key is text from outside, and would stand in the place of a fault. */
const LABELS = z
  .array(
    z.strictObject({
      key: z.string().regex(/^(?:[a-z0-9.-]{1,253}\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/),
      value: z.string().regex(/^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/),
    }),
  )
  .max(100);

export const ExposureQuestion = z
  .strictObject({
    policies: PolicySource,
    ...ASKED,
    /** One new pod; without it, everything that is open to pods still to come. */
    pod: z
      .strictObject({
        namespace: NAMESPACE,
        labels: LABELS.default([]),
        namespaceLabels: LABELS.optional(),
        ports: z
          .array(
            z.strictObject({
              name: z
                .string()
                .regex(/^[a-z0-9-]{1,15}$/)
                .optional(),
              port: PORT,
              protocol: PROTOCOL.default('TCP'),
            }),
          )
          .max(100)
          .default([]),
        hostNetwork: z.boolean().default(false),
      })
      .optional(),
  })
  .meta({ id: 'ExposureQuestion' });
