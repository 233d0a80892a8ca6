import { readFileSync } from 'node:fs';
import { createHubbleDecoder } from './collector/sources/hubble/decode.ts';
import { RecordSplitter } from './collector/sources/files/record-splitter.ts';
import { createExportReader } from './collector/sources/hubble/read-export.ts';
const d='/work/shared/data/flows/hubble/hubble-otel-basic-sample-400-';
let text=['tcp','udp','l7-redirected'].map(k=>readFileSync(d+k+'-flows.jsonl','utf8')).join('');
text = text.repeat(60); const buf=Buffer.from(text); const n=1200*60;
const lines=text.trim().split('\n');
function time(name,f){ let best=Infinity; for(let i=0;i<5;i++){const c=process.cpuUsage();f();const e=process.cpuUsage(c);best=Math.min(best,(e.user+e.system)/1e6);} console.log(name.padEnd(28),(n/best/1000).toFixed(0)+'k flows/s', (buf.length/best/1e6).toFixed(0)+' MB/s'); return n/best; }
const base=time('JSON.parse per line (string)',()=>{let x=0;for(const l of lines){x+=JSON.parse(l)?1:0}});
const base2=time('slice+JSON.parse from buffer',()=>{let s=0;for(;;){const e=buf.indexOf(10,s);if(e<0)break;JSON.parse(buf.toString('utf8',s,e));s=e+1}});
time('split only',()=>{const sp=new RecordSplitter();for(let i=0;i<buf.length;i+=262144)sp.push(buf.subarray(i,i+262144));sp.finish()});
const dec=time('decode strings',()=>{const d=createHubbleDecoder();for(const l of lines)d.decode(l)});
console.log('decode / JSON.parse', (dec/base).toFixed(2));
const c=process.cpuUsage();
let best=Infinity;
for(let i=0;i<5;i++){const c=process.cpuUsage();
const r=createExportReader([{path:'-',size:undefined}],{standardInput:(async function*(){for(let i=0;i<buf.length;i+=262144)yield buf.subarray(i,i+262144)})()});
let f=0;for await(const b of r.batches())f+=b.records.length; const e=process.cpuUsage(c);best=Math.min(best,(e.user+e.system)/1e6); if(i==0)console.log(f,r.summary().bad)}
console.log('read-export', (n/best/1000).toFixed(0)+'k', 'ratio to buffer base',(n/best/base2).toFixed(2));
