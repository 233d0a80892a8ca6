import { describe, expect, test } from 'vitest';
import { recheck } from '#core/policy/certify/recheck.ts';
import { propose } from '#core/policy/generate/propose.ts';
import type { PublicListenerWish } from '#core/policy/generate/public-opening.ts';
import { CILIUM_PROFILE } from '#core/policy/literal/profiles.ts';
import { renderReport } from '../../../server/adapters/manifests/render-report.ts';
import { baselineOf, cidr, edge, sha256, workload } from '../../support/baseline-fixture.ts';

const [proxy, web] = [workload('ingress/proxy'), workload('shop/web')];

const visit = (host: number, port: number) =>
  edge(cidr(`198.51.100.${host}/32`), proxy, { port, minutes: 2, addresses: [`198.51.100.${host}`] });

/** Six strangers on 443, one of them on 80 too, and somebody from a private network on 443. */
const baseline = baselineOf({
  workloads: [proxy, web],
  edges: [
    ...[1, 2, 3, 4, 5, 6].map((host) => visit(host, 443)),
    visit(7, 80),
    edge(cidr('10.1.2.3/32'), proxy, { port: 443, addresses: ['10.1.2.3'] }),
    edge(proxy, web),
  ],
});

const proposed = (publicListeners: PublicListenerWish) =>
  propose(baseline, { toolVersion: 'test', profile: CILIUM_PROFILE, hash: sha256, publicListeners });

const ingressOf = (wish: PublicListenerWish) =>
  proposed(wish).policies.find(({ workload: id }) => id === proxy.id)?.policy.spec.ingress ?? [];

describe('a port that serves the public', () => {
  test('admits the visitors that were seen, unless somebody opens it', () => {
    const cidrs = ingressOf('seen').flatMap(({ from }) => (from ?? []).map((peer) => peer.ipBlock?.cidr));
    expect(cidrs).toHaveLength(8);
    expect(cidrs).not.toContain('0.0.0.0/0');
    expect(proposed('seen').certificate.extras).toEqual([]);
  });

  test('once opened admits every public address on that port, the private ones that were seen, and no others', () => {
    const rules = ingressOf('any').map(({ from, ports }) => [
      (from ?? []).map((peer) => peer.ipBlock?.cidr),
      (ports ?? []).map(({ port }) => port),
    ]);
    expect(rules).toContainEqual([['198.51.100.7/32'], [80]]);
    expect(rules.flatMap(([cidrs]) => cidrs)).toEqual(
      expect.arrayContaining(['0.0.0.0/0', '10.1.2.3/32', '198.51.100.7/32']),
    );
    expect(rules.flatMap(([cidrs]) => cidrs)).toHaveLength(3);
  });

  test('lists what that admits as declared extras, and every training conversation stays admitted', () => {
    const { certificate } = proposed('any');
    expect(certificate.conversations.every(({ admitted }) => admitted)).toBe(true);
    expect(certificate.extras.map(({ from, kind, ports }) => [from, kind, ports.from])).toEqual([
      ['198.51.100.7/32', 'declared', 443],
      ['any other IPv4 address', 'declared', 443],
    ]);
    expect(certificate.extras[0]?.why).toContain('somebody chose to open it');
  });

  test('once opened is not said to keep the next visitor out', () => {
    const told = (wish: PublicListenerWish) => {
      const policy = proposed(wish).policies.find(({ workload: id }) => id === proxy.id);
      const needs = (policy?.reasons ?? []).flatMap(({ parts }) => parts?.needs ?? []);
      return { codes: (policy?.warnings ?? []).map(({ code }) => code), needs: needs.join('\n') };
    };
    expect(told('seen').codes).toContain('public-listener');
    expect(told('seen').needs).toContain('whoever was not seen is blocked');
    expect(told('any').codes).not.toContain('public-listener');
    expect(told('any').needs).not.toContain('whoever was not seen is blocked');
    expect(told('any').needs).toContain('by choice');
  });

  test('is no hand edit when it is checked again, and one that was opened by hand is', () => {
    const onDisk = ({ certificate }: ReturnType<typeof proposed>) =>
      certificate.world.policies.map((policy) => ({ policy, file: `${policy.metadata.name}.yaml` }));
    const opened = proposed('any');
    const checked = recheck({ certificate: opened.certificate, policies: onDisk(opened), hash: sha256 });
    expect(checked.findings.filter(({ severity }) => severity === 'problem')).toEqual([]);
    const seen = proposed('seen');
    const edited = recheck({ certificate: seen.certificate, policies: onDisk(opened), hash: sha256 });
    expect(edited.findings.map(({ code }) => code)).toContain('policy-opens');
  });
});

test('the report tells system traffic from the rest, and what is known of the outside', () => {
  const report = renderReport(proposed('seen'));
  expect(report).toContain('## System traffic');
  expect(report).toMatch(/\| visitors from outside \| `ingress\/proxy\[Deployment\]` \| 1\d\d \|/);
  expect(report).toContain('## Outside the cluster');
  expect(report).toMatch(/\| `ingress\/proxy\[Deployment\]` \| ingress \| none known \| TCP 443 \| 7 \|/);
});
