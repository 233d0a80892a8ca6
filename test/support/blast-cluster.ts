const workload = (name: string, port: number, tier: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec:
  template:
    metadata: {labels: {app: ${name}, tier: ${tier}}}
    spec:
      containers:
        - name: main
          ports: [{containerPort: ${port}}]
`;

/** web → cart → db, and a job that nobody has a rule for. */
export const BLAST_CLUSTER = [
  workload('web', 8080, 'front'),
  workload('cart', 7070, 'back'),
  workload('db', 5432, 'data'),
  workload('job', 9000, 'back'),
].join('---\n');

const allow = (subject: string, from: string, port: number): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${subject}, namespace: shop}
spec:
  podSelector: {matchLabels: {app: ${subject}}}
  ingress:
    - from: [{podSelector: {matchLabels: {app: ${from}}}}]
      ports: [{port: ${port}}]
`;

/** Only cart reaches db, only web reaches cart; job is open. */
export const BLAST_POLICIES = [allow('db', 'cart', 5432), allow('cart', 'web', 7070)].join('---\n');

/** The same, and db may be reached by pods that nobody is yet. */
export const BLAST_PROPOSAL = [allow('db', 'backup', 5432), allow('cart', 'web', 7070)].join('---\n');
