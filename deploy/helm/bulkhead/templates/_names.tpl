{{- define "bulkhead.name" -}}
{{- if contains "bulkhead" .Release.Name }}{{ .Release.Name | trunc 53 | trimSuffix "-" }}{{ else }}{{ printf "%s-bulkhead" (.Release.Name | trunc 44 | trimSuffix "-") }}{{ end }}
{{- end }}

{{/* Cluster-wide objects of two releases must not share a name. */}}
{{- define "bulkhead.clusterName" -}}
{{- if eq (include "bulkhead.name" .) .Release.Namespace }}{{ .Release.Namespace }}{{ else }}{{ printf "%s-%s" .Release.Namespace (include "bulkhead.name" .) | trunc 200 }}{{ end }}
{{- end }}

{{- define "bulkhead.selector" -}}
app.kubernetes.io/name: bulkhead
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "bulkhead.labels" -}}
{{ include "bulkhead.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "bulkhead.image" -}}
{{- if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}{{ else }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{/* Anything but an empty text means yes. */}}
{{- define "bulkhead.isCilium" -}}
{{- $cilium := .Values.networkPolicy.apiServer.cilium }}
{{- if or (eq $cilium "always") (and (eq $cilium "auto") (.Capabilities.APIVersions.Has "cilium.io/v2")) }}yes{{ end }}
{{- end }}
