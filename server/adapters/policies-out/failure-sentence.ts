import { unreachable } from '#core/result.ts';
import type { ExportFailure } from './export-proposal.ts';
import type { PolicyFailure } from './parse-policies.ts';
import type { ReadExportFailure } from './read-export.ts';

/** Why an export could not be written or read, in one sentence that says what to do. */
export function exportFailureSentence(failure: ExportFailure | ReadExportFailure, dir: string): string {
  switch (failure.code) {
    case 'no_certificate':
      return `${dir} holds no ${failure.path}: neither it nor a folder in it was written by \`bulkhead propose -o\`.`;
    case 'certificate_malformed':
      return `${dir}/${failure.path} is damaged: ${failure.at || 'the file'} should be ${failure.expected}. Propose again.`;
    case 'index_malformed':
      return `${dir}/${failure.path} is damaged at ${failure.at}; restore it from Git, or export into another folder.`;
    case 'other_cluster':
      return `${failure.path} holds the export of cluster ${failure.cluster}; move it away, or export into another folder.`;
    case 'inside_export':
      return `${dir} has a certificate.json, so it is the export of one cluster, and each cluster gets a folder of its own; name the folder above it, or an empty one.`;
    case 'names_collide':
      return `${failure.paths[0]} and ${failure.paths[1]} differ only in upper and lower case, which some file systems can not keep apart.`;
    case 'path_outside':
      return `${failure.path} would lie outside ${dir}.`;
    case 'symlink_in_the_way':
      return `${failure.path} is a symbolic link; exports do not write through links.`;
    case 'not_a_folder':
      return `${failure.path} is in the way: a folder is needed there.`;
    case 'unwritable':
      return `${failure.path} could not be used: ${failure.detail}`;
    default:
      return unreachable(failure);
  }
}

/** Why a file of policies could not be read, in one sentence that begins with the place. */
export function policyFailureSentence(failure: PolicyFailure): string {
  switch (failure.code) {
    case 'unreadable':
      return `${failure.file} could not be read: ${failure.detail}`;
    case 'symlink':
      return `${failure.file} is a symbolic link and was not followed.`;
    case 'too_deep':
      return `${failure.file} lies too deep below the folder and was not read.`;
    case 'too_large':
      return `${failure.file} is larger than ${failure.limit} bytes and was not read.`;
    case 'too_many_documents':
      return `${failure.file} goes beyond ${failure.limit} documents; the rest was not read.`;
    case 'yaml_invalid':
      return `${failure.file}:${failure.line} is not valid YAML: ${failure.detail}`;
    case 'unsafe_character':
      return `${failure.file}:${failure.line} holds ${failure.character}, which YAML readers disagree about; remove it.`;
    case 'ambiguous_value':
      return `${failure.file} holds unquoted text that Kubernetes reads as a number, date or truth value; quote it.`;
    case 'policy_shapeless':
      return `${failure.file} is no NetworkPolicy: ${failure.detail}`;
    default:
      return unreachable(failure);
  }
}
