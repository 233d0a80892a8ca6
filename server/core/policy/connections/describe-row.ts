import { type ConnectivityRow, describeEnd } from './connectivity.ts';
import { describePorts } from './port-set.ts';

/** `shop/cart[Deployment] => shop/db[StatefulSet] : TCP 5432`: one fact, one line. */
export function describeRow({ from, to, ports, onlySomePods }: ConnectivityRow): string {
  const some = onlySomePods.length === 0 ? '' : ` (only some of their pods: ${describePorts(onlySomePods)})`;
  return `${describeEnd(from)} => ${describeEnd(to)} : ${describePorts(ports)}${some}`;
}
