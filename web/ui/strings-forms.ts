import { counted } from '../model/format.ts';

/** Words of the forms beside the map that show the same edges. */
export const formStrings = {
  label: 'How the traffic is shown',
  map: 'Map',
  matrix: {
    name: 'Matrix',
    title: 'Traffic as a matrix',
    corner: 'client ↓ server →',
    inside: (edges: number, name: string) => `${name}: ${counted(edges, 'edge')} inside; open it`,
  },
  sankey: {
    name: 'Sankey',
    title: 'Traffic between namespaces',
    empty: 'Nothing crosses from one namespace into another.',
    client: (name: string, conversations: string) => `${name} ${conversations} conversations as client`,
    server: (name: string, conversations: string) => `${name} ${conversations} conversations as server`,
  },
  table: {
    name: 'Table',
    title: 'Traffic as a table',
    from: 'Client',
    to: 'Server',
    port: 'Port',
    conversations: 'Conversations',
    denied: 'Denied',
    rate: 'Per min',
    seen: 'Last seen',
    state: 'State',
  },
} as const;
