import { writeSync } from 'node:fs';

/** Loaded into a process that is measured: when it ends, it tells its peak memory and CPU time on descriptor 3. */
process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const report = { peakBytes: maxRSS * 1024, cpuMs: (userCPUTime + systemCPUTime) / 1000 };
  writeSync(3, JSON.stringify(report));
});
