#!/usr/bin/env node
import { runCli } from '../.scratch-main.ts';

process.exitCode = await runCli(process.argv.slice(2));
