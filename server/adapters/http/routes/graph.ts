import { z } from 'zod';
import { EdgeDetail, GraphSnapshot, NodeDetail } from '#contract/graph.ts';
import type { PeerKey } from '#core/identity/peer.ts';
import type { Api, ApiContext } from '../api.ts';
import { HttpProblem } from '../problem/http-problem.ts';
import { edgeDetailView } from '../views/edge-detail.ts';
import { nodeDetailView } from '../views/node-detail.ts';
import { pictureView } from '../views/snapshot.ts';
import { PROBLEM_ANSWERS } from './schemas.ts';

/** The whole picture, freshly read. */
export function graphRoutes(app: Api, { read, feed }: ApiContext): void {
  app.get(
    '/api/v1/graph',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getGraph',
        summary: 'Every peer and edge, and how far they can be trusted',
        tags: ['graph'],
        response: { 200: GraphSnapshot, ...PROBLEM_ANSWERS },
      },
    },
    () => ({ seq: feed.lastSeq(), ...pictureView(read()) }),
  );
}

/** One edge with its evidence. */
export function edgeRoutes(app: Api, { read }: ApiContext): void {
  app.get(
    '/api/v1/edges/:id',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getEdge',
        summary: 'One edge with its evidence, by the number the graph gives it',
        tags: ['graph'],
        params: z.object({ id: z.string().regex(/^\d{1,15}$/) }),
        response: { 200: EdgeDetail, ...PROBLEM_ANSWERS },
      },
    },
    (request) => {
      const moment = read();
      const key = moment.ids.keyOf(Number(request.params.id));
      const edge = key === undefined ? undefined : moment.graph.edges.get(key);
      if (edge === undefined) throw new HttpProblem('unknown_edge');
      return edgeDetailView(edge, moment);
    },
  );
}

/** One vertex with its edges, pods and policy. */
export function nodeRoutes(app: Api, { read, renderers }: ApiContext): void {
  app.get(
    '/api/v1/nodes/:id',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getNode',
        summary: 'One vertex with its pods, edges and proposed policy; the id is percent-encoded',
        tags: ['graph'],
        params: z.object({ id: z.string().max(2048) }),
        response: { 200: NodeDetail, ...PROBLEM_ANSWERS },
      },
    },
    (request) => {
      const moment = read();
      const peer = moment.graph.peers.get(request.params.id as PeerKey); // a key that is none finds nothing
      if (peer === undefined) throw new HttpProblem('unknown_node');
      return nodeDetailView(peer, moment, renderers);
    },
  );
}
