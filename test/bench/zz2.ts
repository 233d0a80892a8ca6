import { createEngine } from '#core/policy/fast/fast-engine.ts';
import { KUBERNETES_PROFILE } from '#core/policy/literal/profiles.ts';
import { FIRST_PORT, numbers, edited, policyWorld } from './policy-world.ts';
const SIZE = { workloads: 2000, replicas: 1, policies: 500, ports: 20 };
const world = policyWorld(SIZE);
const points = Array.from({ length: 20 }, (_, index) => ({ protocol: 'TCP' as const, port: FIRST_PORT + index }));
const cpu=()=>{const {user,system}=process.cpuUsage();return (user+system)/1000};
for (let r=0;r<8;r++){const a=cpu();const e=createEngine(world,KUBERNETES_PROFILE);const b=cpu();const m=e.matrix(points);const c=cpu();const m2=e.matrix(points);const d=cpu();
const below=numbers(3);let x=e,sq=0; for(let i=0;i<10;i++){x=x.withPolicy(edited(world,below));sq+=m.follow(x);} const f=cpu();
console.log('build',(b-a).toFixed(0),'matrix',(c-b).toFixed(0),'again',(d-c).toFixed(0),'edit',((f-d)/10).toFixed(2),sq/10);}
