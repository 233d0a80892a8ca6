import { measurePolicyMatrix, renderPolicyMatrix } from './policy-matrix.ts';
console.log(renderPolicyMatrix(await measurePolicyMatrix()));
